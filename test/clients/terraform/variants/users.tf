resource "aws_iam_user" "bound" {
  name                 = local.first ? "bound" : "moved"
  path                 = local.first ? "/" : "/p/q/"
  permissions_boundary = local.first ? "arn:aws:iam::aws:policy/ReadOnlyAccess" : null
}
# Goes in the second generation, with what another gave it.
resource "aws_iam_user" "forced" {
  count         = local.first ? 1 : 0
  name          = "forced"
  force_destroy = true
}
resource "aws_iam_user" "tagged" {
  name = "tagged"
  tags = local.goes
}
resource "aws_iam_user_login_profile" "long" {
  user            = aws_iam_user.tagged.name
  pgp_key         = ""
  password_length = 128
}
resource "aws_iam_access_key" "second" {
  count  = 2
  user   = aws_iam_user.tagged.name
  status = count.index == 0 || local.first ? "Active" : "Inactive"
}
resource "aws_iam_user_policy" "nameless" {
  user   = aws_iam_user.tagged.name
  policy = local.first ? "  ${local.terse}" : local.describe
}
resource "aws_iam_user_policy" "prefixed" {
  user        = aws_iam_user.tagged.name
  name_prefix = "pre-"
  policy      = local.first ? local.describe : jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", NotAction = "s3:*", NotResource = ["arn:aws:s3:::b/&{aws:username}"], Condition = { Bool = { "aws:SecureTransport" = true }, NumericLessThan = { "s3:max-keys" = 10 } } }] })
}

resource "aws_iam_group" "of" {
  count = 3
  name  = "of-${count.index}"
}
resource "aws_iam_group_policy" "nameless" {
  group  = aws_iam_group.of[0].id
  policy = local.describe
}
resource "aws_iam_group_membership" "all" {
  name  = "all"
  group = aws_iam_group.of[0].name
  users = local.first ? [aws_iam_user.tagged.name, aws_iam_user.trusted[2].name] : []
}
resource "aws_iam_user_group_membership" "one" {
  user   = aws_iam_user.tagged.name
  groups = [for at in local.first ? [1] : [1, 2] : aws_iam_group.of[at].name]
}

resource "aws_iam_policy" "versions" {
  name        = "versions"
  path        = "/a/b/"
  description = "d & <ë> \"q\""
  tags        = local.comes
  policy      = jsonencode({ Id = "p", Version = "2012-10-17", Statement = [{ Sid = "60c9d11f", Effect = "Allow", Action = local.first ? ["kms:Get*", "s3:ListBucket"] : ["s3:ListBucket"], Resource = ["*"] }] })
}
resource "aws_iam_policy" "renamed" {
  name   = local.first ? "old" : "new"
  policy = local.describe
  tags   = local.goes
}
resource "aws_iam_policy_attachment" "renamed" {
  name       = "renamed"
  users      = local.first ? [] : [aws_iam_user.tagged.name]
  roles      = [aws_iam_role.described.name]
  policy_arn = aws_iam_policy.renamed.arn
}
# Its attachments of another kind are its own affair.
resource "aws_iam_user_policy_attachment" "beside" {
  user       = aws_iam_user.tagged.name
  policy_arn = aws_iam_policy.many[2].arn
}

resource "aws_iam_account_password_policy" "few" {
  minimum_password_length = local.first ? 8 : null
  require_numbers         = local.first
  max_password_age        = local.first ? null : 90
  hard_expiry             = local.first ? null : true
}
