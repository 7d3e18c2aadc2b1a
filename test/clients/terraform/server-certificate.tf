resource "aws_iam_server_certificate" "web" {
  name             = "web"
  path             = "/tls/"
  certificate_body = var.given.certificate
  private_key      = var.given.key
  tags             = { Generation = tostring(var.generation) }
}
data "aws_iam_server_certificate" "web" { name = aws_iam_server_certificate.web.name }
output "certificate" { value = data.aws_iam_server_certificate.web.path }
