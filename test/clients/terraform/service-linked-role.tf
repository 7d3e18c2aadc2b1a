resource "aws_iam_service_linked_role" "scaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "test"
  description      = local.first ? "first" : "second"
  tags             = { Generation = tostring(var.generation) }
}
