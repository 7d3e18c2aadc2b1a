resource "aws_iam_openid_connect_provider" "ci" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = local.first ? ["sts.amazonaws.com", "old"] : ["sts.amazonaws.com", "new"]
  thumbprint_list = local.first ? ["6938fd4d98bab03faadb97b34396831e3780aea1"] : ["1c58a3a8518e8759bf075b76b750d4f2df264fcd"]
  tags            = { Generation = tostring(var.generation) }
}
resource "aws_iam_openid_connect_provider" "bare" {
  url            = "https://idp.example/tenant"
  client_id_list = ["one"]
}
resource "aws_iam_saml_provider" "corp" {
  name                   = "Corp"
  saml_metadata_document = local.first ? var.given.metadata : var.given.other_metadata
  tags                   = { Generation = tostring(var.generation) }
}

resource "aws_iam_role" "federated" {
  name = "federated"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Federated = aws_iam_openid_connect_provider.ci.arn }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "repo:org/repo:*" } }
      },
      {
        Effect    = "Allow"
        Principal = { Federated = aws_iam_saml_provider.corp.arn }
        Action    = "sts:AssumeRoleWithSAML"
        Condition = { StringEquals = { "SAML:aud" = "https://signin.aws.amazon.com/saml" } }
      },
    ]
  })
}

data "aws_iam_openid_connect_provider" "ci" { arn = aws_iam_openid_connect_provider.ci.arn }
data "aws_iam_openid_connect_provider" "named" { url = "https://${aws_iam_openid_connect_provider.ci.url}" }
data "aws_iam_saml_provider" "corp" { arn = aws_iam_saml_provider.corp.arn }

output "providers" {
  value = {
    clients = sort(data.aws_iam_openid_connect_provider.ci.client_id_list)
    named   = data.aws_iam_openid_connect_provider.named.arn
    saml    = data.aws_iam_saml_provider.corp.name
    until   = data.aws_iam_saml_provider.corp.valid_until
  }
}
