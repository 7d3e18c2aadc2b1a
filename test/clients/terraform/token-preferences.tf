resource "aws_iam_security_token_service_preferences" "tokens" {
  global_endpoint_token_version = local.first ? "v2Token" : "v1Token"
}
