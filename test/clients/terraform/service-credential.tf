resource "aws_iam_service_specific_credential" "bound" {
  user_name    = aws_iam_user.bound.name
  service_name = "codecommit.amazonaws.com"
  status       = local.first ? "Active" : "Inactive"
}
