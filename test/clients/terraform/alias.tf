resource "aws_iam_account_alias" "name" {
  account_alias = local.first ? "rolecall-first" : "rolecall-second"
}
data "aws_iam_account_alias" "name" { depends_on = [aws_iam_account_alias.name] }
output "alias" { value = data.aws_iam_account_alias.name.account_alias }
