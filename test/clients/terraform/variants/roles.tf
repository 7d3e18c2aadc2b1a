resource "aws_iam_role" "described" {
  name               = "described"
  description        = local.first ? "Weird &@90ë\"'{«¡Çø}" : null
  assume_role_policy = local.ec2
  tags               = local.comes
}
resource "aws_iam_role" "nameless" {
  assume_role_policy   = local.ec2
  permissions_boundary = local.first ? "arn:aws:iam::aws:policy/AdministratorAccess" : ""
  max_session_duration = local.first ? 43200 : 3600
  tags                 = local.goes
}

# One of them is deleted by another, comes back, and is trusted again under its new id.
resource "aws_iam_user" "trusted" {
  count = 5
  name  = "trusted-${["baa2", "fee0", "2f0d", "d1ea", "d4a3"][count.index]}"
}
resource "aws_iam_role" "trusting" {
  name = "trusting"
  path = "/x/y/"
  assume_role_policy = jsonencode({
    Id        = "some id"
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.trusted[*].arn }, Sid = "" }]
  })
  tags = {}
}
# Nobody can use it, and AWS takes it.
resource "aws_iam_role" "odd" {
  name = "odd"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithSAML"
      Principal = { AWS = [aws_iam_user.trusted[1].arn] }
      Condition = { StringEquals = { "SAML:aud" = "https://signin.aws.amazon.com/saml" }, IpAddress = { "aws:SourceIp" = ["0.0.0.0/0"] } }
    }]
  })
}

resource "aws_iam_role" "inline" {
  name               = "inline"
  assume_role_policy = local.ec2
  dynamic "inline_policy" {
    for_each = local.first ? ["one", "two"] : ["two", "three"]
    content {
      name   = inline_policy.value
      policy = local.first ? local.describe : "${local.terse}\n"
    }
  }
}
# What another puts into it is taken out again.
resource "aws_iam_role" "empty" {
  name                = "empty"
  assume_role_policy  = local.ec2
  managed_policy_arns = []
  inline_policy {}
}
resource "aws_iam_policy" "many" {
  count  = 3
  name   = "many-${count.index}"
  policy = local.describe
}
resource "aws_iam_role" "managed" {
  name                = "managed"
  assume_role_policy  = local.ec2
  managed_policy_arns = [for at in local.first ? [0] : [1, 2] : aws_iam_policy.many[at].arn]
}
resource "aws_iam_role" "order" {
  name               = "order"
  assume_role_policy = local.ec2
}
# The order of actions is none.
resource "aws_iam_role_policy" "order" {
  role   = aws_iam_role.order.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Resource = "*", Action = local.first ? ["ec2:DescribeVpcs", "ec2:DescribeHosts", "ec2:DescribeFleets"] : ["ec2:DescribeHosts", "ec2:DescribeFleets", "ec2:DescribeVpcs"] }] })
}
resource "aws_iam_role_policies_exclusive" "order" {
  role_name    = aws_iam_role.order.name
  policy_names = [aws_iam_role_policy.order.name]
}
resource "aws_iam_role_policy_attachments_exclusive" "order" {
  role_name   = aws_iam_role.order.name
  policy_arns = local.first ? [] : [aws_iam_policy.many[0].arn, "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"]
}
# Goes in the second generation, with what another gave it.
resource "aws_iam_role" "forced" {
  count                 = local.first ? 1 : 0
  name                  = "forced"
  assume_role_policy    = local.ec2
  force_detach_policies = true
}

resource "aws_iam_instance_profile" "alone" {
  name = "alone"
  tags = local.comes
}
resource "aws_iam_instance_profile" "left" {
  path = "/a/"
  role = local.first ? aws_iam_role.described.name : null
}
