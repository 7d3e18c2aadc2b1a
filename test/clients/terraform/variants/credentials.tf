resource "aws_iam_openid_connect_provider" "bare" {
  url             = "https://accounts.example/abc"
  client_id_list  = local.first ? ["one"] : ["one", "two.apps"]
  thumbprint_list = local.first ? [] : ["cf23df2207d99a74fbe169e3eba035e633b65d94", "c784713d6f9cb67b55dd84f4e4af7832d42b8f55"]
  tags            = local.comes
}
resource "aws_iam_saml_provider" "tagged" {
  name                   = "tagged"
  saml_metadata_document = var.given.metadata
  tags                   = local.goes
}
resource "aws_iam_server_certificate" "renamed" {
  name             = local.first ? null : "web"
  name_prefix      = local.first ? "web-" : null
  path             = local.first ? "/tls/" : "/cloudfront/tls/"
  certificate_body = var.given.certificate
  private_key      = var.given.key
  lifecycle {
    # Not with other tags at once: the provider tags under the new name before it renames.
    ignore_changes = [tags, tags_all]
  }
}
resource "aws_iam_server_certificate" "windows" {
  certificate_body = local.first ? replace(var.given.certificate, "\n", "\r\n") : var.given.certificate
  private_key      = var.given.key
  tags             = local.comes
}
resource "aws_iam_service_linked_role" "plain" {
  aws_service_name = "elasticbeanstalk.amazonaws.com"
  tags             = local.goes
}
# What its name ends in is no suffix that anybody gave it.
resource "aws_iam_service_linked_role" "suffixed" {
  aws_service_name = "custom-resource.application-autoscaling.amazonaws.com"
  description      = local.first ? "one & ë" : ""
}
resource "aws_iam_service_specific_credential" "second" {
  count        = 2
  user_name    = aws_iam_user.tagged.name
  service_name = "codecommit.amazonaws.com"
}
resource "aws_iam_user_ssh_key" "commented" {
  username   = aws_iam_user.tagged.name
  encoding   = "SSH"
  public_key = "${trimspace(var.given.ssh_key)} ann@there"
}
resource "aws_iam_virtual_mfa_device" "tagged" {
  virtual_mfa_device_name = "tagged"
  tags                    = local.comes
}
