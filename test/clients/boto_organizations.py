"""What boto3 sees of Organizations: its paginators, its waiting, its classes of exceptions, and ceilings. Run as boto.py is."""

import datetime
import json
import time

from boto import HOME, allow, client, keys_of, outcome_of, sts
from botocore.exceptions import ClientError

organizations = client("organizations")
STATE = {}


def refused(code, call, reason=None, **kwargs):
    try:
        call(**kwargs)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert error.response.get("Reason") == reason, error.response
        assert len(error.response["ResponseMetadata"]["RequestId"]) == 36
        return error
    raise AssertionError(f"allowed, and should be {code}")


def deny(action):
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def an_organization_is_founded():
    refused("AWSOrganizationsNotInUseException", organizations.describe_organization)
    made = organizations.create_organization(FeatureSet="ALL")["Organization"]
    assert made["MasterAccountId"] == HOME
    assert organizations.describe_organization()["Organization"] == made
    try:
        organizations.create_organization()
        raise AssertionError("founded twice")
    except organizations.exceptions.AlreadyInOrganizationException:
        pass
    STATE["root"] = organizations.list_roots()["Roots"][0]["Id"]
    for kind in ("SERVICE_CONTROL_POLICY", "TAG_POLICY"):
        organizations.enable_policy_type(RootId=STATE["root"], PolicyType=kind)


def accounts_are_made_and_waited_for():
    asked = organizations.create_account(
        AccountName="Pythonic", Email="py@example.com", Tags=[{"Key": "a", "Value": ""}]
    )["CreateAccountStatus"]
    assert asked["State"] == "IN_PROGRESS" and "AccountId" not in asked
    for _ in range(100):
        status = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]
        if status["State"] != "IN_PROGRESS":
            break
        time.sleep(0.05)
    assert status["State"] == "SUCCEEDED", status
    STATE["member"] = status["AccountId"]
    account = organizations.describe_account(AccountId=STATE["member"])["Account"]
    age = datetime.datetime.now(datetime.timezone.utc) - account["JoinedTimestamp"]
    assert abs(age.total_seconds()) < 30, age
    assert organizations.list_tags_for_resource(ResourceId=STATE["member"])["Tags"] == [{"Key": "a", "Value": ""}]


def pages_are_turned():
    for count in range(23):
        organizations.create_organizational_unit(ParentId=STATE["root"], Name=f"py-{count}")
    pages = organizations.get_paginator("list_organizational_units_for_parent").paginate(ParentId=STATE["root"])
    sizes = [len(page["OrganizationalUnits"]) for page in pages]
    assert sizes == [20, 3], sizes
    accounts = organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
    assert len(list(accounts.search("Accounts[].Id"))) == 2
    STATE["unit"] = organizations.list_organizational_units_for_parent(ParentId=STATE["root"])["OrganizationalUnits"][0]["Id"]
    organizations.move_account(AccountId=STATE["member"], SourceParentId=STATE["root"], DestinationParentId=STATE["unit"])


def refusals_have_reasons():
    refused(
        "InvalidInputException",
        organizations.describe_organizational_unit,
        "INVALID_PATTERN",
        OrganizationalUnitId="none",
    )
    error = refused(
        "ConstraintViolationException",
        organizations.detach_policy,
        "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        PolicyId="p-FullAWSAccess",
        TargetId=STATE["root"],
    )
    assert isinstance(error, organizations.exceptions.ConstraintViolationException)
    refused(
        "MalformedPolicyDocumentException",
        organizations.create_policy,
        Name="x",
        Description="",
        Type="TAG_POLICY",
        Content="{}",
    )


def ceilings_hold():
    answer = sts.assume_role(
        RoleArn=f"arn:aws:iam::{STATE['member']}:role/OrganizationAccountAccessRole", RoleSessionName="py"
    )
    keys = keys_of(answer)
    inside = client("iam", **keys)
    assert inside.list_users()["Users"] == []
    policy = organizations.create_policy(
        Name="py", Description="", Type="SERVICE_CONTROL_POLICY", Content=deny("iam:ListUsers")
    )["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=policy["Id"], TargetId=STATE["unit"])
    error = refused("AccessDenied", inside.list_users)
    assert error.response["Error"]["Message"].endswith(
        f"with an explicit deny in a service control policy: {policy['Arn']}"
    ), error
    refused("AccessDeniedException", client("organizations", **keys).list_accounts)
    simulated = inside.simulate_custom_policy(PolicyInputList=[json.dumps(allow("*"))], ActionNames=["iam:ListUsers"])
    assert simulated["EvaluationResults"][0]["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    organizations.detach_policy(PolicyId=policy["Id"], TargetId=STATE["unit"])
    assert inside.list_users()["Users"] == []


def policies_are_inherited():
    for name, target, values in (("above", STATE["root"], {"@@assign": ["a"]}), ("below", STATE["unit"], {"@@append": ["b"]})):
        policy = organizations.create_policy(
            Name=f"py {name}",
            Description="",
            Type="TAG_POLICY",
            Content=json.dumps({"tags": {"team": {"tag_value": values}}}),
        )
        organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=target)
    effective = organizations.describe_effective_policy(PolicyType="TAG_POLICY", TargetId=STATE["member"])
    content = json.loads(effective["EffectivePolicy"]["PolicyContent"])
    assert content == {"tags": {"team": {"tag_value": ["a", "b"]}}}, content


CHECKS = [
    an_organization_is_founded,
    accounts_are_made_and_waited_for,
    pages_are_turned,
    refusals_have_reasons,
    ceilings_hold,
    policies_are_inherited,
]

if __name__ == "__main__":
    outcome_of(CHECKS)
