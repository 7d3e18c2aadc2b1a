# The same credentials, at work in another account of the organization as soon as there is one.
provider "aws" {
  alias  = "member"
  region = "eu-west-1"
  dynamic "assume_role" {
    for_each = local.first ? [] : [aws_organizations_account.member.id]
    content {
      role_arn     = "arn:aws:iam::${assume_role.value}:role/Keeper"
      session_name = "terraform"
      duration     = "30m"
      policy_arns  = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    }
  }
  endpoints {
    iam           = var.endpoint
    sts           = var.endpoint
    organizations = var.endpoint
  }
}

data "aws_caller_identity" "there" { provider = aws.member }
# The member is a delegated administrator: it sees what the managing account sees.
data "aws_organizations_organization" "there" {
  provider   = aws.member
  depends_on = [aws_organizations_delegated_administrator.config]
}
resource "aws_iam_role" "there" {
  provider = aws.member
  count    = local.first ? 0 : 1
  name     = "there"
  tags     = { Made = data.aws_caller_identity.there.account_id }
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = [aws_iam_role.app.arn, data.aws_caller_identity.there.arn] } }]
  })
}

output "there" {
  value = {
    arn      = data.aws_caller_identity.there.arn
    accounts = length(data.aws_organizations_organization.there.accounts)
    role     = one(aws_iam_role.there[*].arn)
  }
}
