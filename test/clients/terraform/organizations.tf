# The organization of the account itself, and what the provider has for one.
resource "aws_organizations_organization" "ours" {
  feature_set                   = "ALL"
  aws_service_access_principals = ["config.amazonaws.com", "iam.amazonaws.com"]
  enabled_policy_types = local.first ? ["SERVICE_CONTROL_POLICY"] : [
    "RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY", "TAG_POLICY",
  ]
}

locals {
  root = aws_organizations_organization.ours.roots[0].id
}

resource "aws_organizations_organizational_unit" "dev" {
  name      = local.first ? "dev" : "Development"
  parent_id = local.root
}

resource "aws_organizations_organizational_unit" "inner" {
  name      = "inner"
  parent_id = aws_organizations_organizational_unit.dev.id
}

resource "aws_organizations_account" "member" {
  name      = "member"
  email     = "member@example.com"
  role_name = "Keeper"
  # In the second generation it moves.
  parent_id = local.first ? aws_organizations_organizational_unit.dev.id : aws_organizations_organizational_unit.inner.id
  tags      = { Stage = local.first ? "one" : "two" }

  lifecycle {
    ignore_changes = [role_name]
  }
}

resource "aws_organizations_policy" "stay" {
  name        = local.first ? "stay" : "Stay"
  description = "Nobody leaves"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Deny"
      Action   = local.first ? ["organizations:LeaveOrganization"] : ["organizations:LeaveOrganization", "iam:ListUsers"]
      Resource = "*"
    }]
  })

  depends_on = [aws_organizations_organization.ours]
}

resource "aws_organizations_policy_attachment" "stay" {
  policy_id = aws_organizations_policy.stay.id
  target_id = local.first ? aws_organizations_organizational_unit.dev.id : aws_organizations_account.member.id
}

resource "aws_organizations_policy" "tags" {
  count   = local.first ? 0 : 1
  name    = "tags"
  type    = "TAG_POLICY"
  content = jsonencode({ tags = { team = { tag_key = { "@@assign" = "Team" } } } })

  depends_on = [aws_organizations_organization.ours]
}

resource "aws_organizations_delegated_administrator" "config" {
  account_id        = aws_organizations_account.member.id
  service_principal = "config.amazonaws.com"
}

resource "aws_organizations_resource_policy" "delegation" {
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${aws_organizations_account.member.id}:root" }
      Action    = local.first ? ["organizations:ListPolicies"] : ["organizations:ListPolicies", "organizations:ListRoots"]
      Resource  = "*"
    }]
  })
}

data "aws_organizations_organization" "ours" {
  depends_on = [aws_organizations_account.member, aws_organizations_delegated_administrator.config]
}
data "aws_organizations_organizational_units" "top" {
  parent_id  = local.root
  depends_on = [aws_organizations_organizational_unit.dev]
}
data "aws_organizations_organizational_unit" "dev" {
  parent_id  = local.root
  name       = aws_organizations_organizational_unit.dev.name
  depends_on = [aws_organizations_organizational_unit.dev]
}
data "aws_organizations_organizational_unit_child_accounts" "dev" {
  parent_id  = aws_organizations_organizational_unit.dev.id
  depends_on = [aws_organizations_account.member]
}
data "aws_organizations_organizational_unit_descendant_accounts" "all" {
  parent_id  = local.root
  depends_on = [aws_organizations_account.member]
}
data "aws_organizations_organizational_unit_descendant_organizational_units" "all" {
  parent_id  = local.root
  depends_on = [aws_organizations_organizational_unit.dev, aws_organizations_organizational_unit.inner]
}
data "aws_organizations_policies" "all" {
  filter     = "SERVICE_CONTROL_POLICY"
  depends_on = [aws_organizations_policy.stay]
}
data "aws_organizations_policy" "stay" {
  policy_id = aws_organizations_policy.stay.id
}
data "aws_organizations_policies_for_target" "attached" {
  target_id  = aws_organizations_policy_attachment.stay.target_id
  filter     = "SERVICE_CONTROL_POLICY"
  depends_on = [aws_organizations_policy_attachment.stay]
}
data "aws_organizations_resource_tags" "member" {
  resource_id = aws_organizations_account.member.id
}
data "aws_organizations_delegated_administrators" "config" {
  service_principal = "config.amazonaws.com"
  depends_on        = [aws_organizations_delegated_administrator.config]
}
data "aws_organizations_delegated_services" "member" {
  account_id = aws_organizations_delegated_administrator.config.account_id
}

output "organization" {
  value = {
    master    = data.aws_organizations_organization.ours.master_account_id
    accounts  = sort(data.aws_organizations_organization.ours.accounts[*].name)
    types     = length(aws_organizations_organization.ours.roots[0].policy_types)
    units     = data.aws_organizations_organizational_units.top.children[*].name
    dev       = data.aws_organizations_organizational_unit.dev.id == aws_organizations_organizational_unit.dev.id
    children  = data.aws_organizations_organizational_unit_child_accounts.dev.accounts[*].name
    all       = length(data.aws_organizations_organizational_unit_descendant_accounts.all.accounts)
    nested    = sort(data.aws_organizations_organizational_unit_descendant_organizational_units.all.children[*].name)
    policies  = length(data.aws_organizations_policies.all.ids)
    policy    = data.aws_organizations_policy.stay.name
    attached  = length(data.aws_organizations_policies_for_target.attached.ids)
    tags      = data.aws_organizations_resource_tags.member.tags
    delegated = data.aws_organizations_delegated_administrators.config.delegated_administrators[*].email
    services  = data.aws_organizations_delegated_services.member.delegated_services[*].service_principal
    joined    = aws_organizations_account.member.joined_method
  }
}
