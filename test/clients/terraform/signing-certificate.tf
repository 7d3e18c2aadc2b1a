resource "aws_iam_signing_certificate" "bound" {
  user_name        = aws_iam_user.bound.name
  certificate_body = var.given.certificate
  status           = local.first ? "Active" : "Inactive"
}
