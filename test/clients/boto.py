"""What boto3 sees. Each check is a function; prints one JSON object: the name of each, and "ok" or what went wrong."""

import base64
import datetime
import json
import sys
import traceback
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from botocore.signers import RequestSigner

HOME = "012345678901"
ONCE = Config(retries={"total_max_attempts": 1})
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "sts:AssumeRole"}],
}


def allow(action, resource="*"):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


def client(service, **keys):
    return boto3.client(service, config=ONCE, **keys)


def keys_of(answer):
    keys = answer["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def refused(code, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert error.response["Error"]["Type"] in ("Sender", "Receiver")
        assert len(error.response["ResponseMetadata"]["RequestId"]) == 36
        return error
    raise AssertionError(f"allowed, and should be {code}")


iam = client("iam")
sts = client("sts")


def identity():
    me = sts.get_caller_identity()
    assert me["Account"] == HOME and isinstance(me["Account"], str)
    assert me["Arn"] == f"arn:aws:iam::{HOME}:user/administrator"


def documents_are_read_as_objects():
    made = iam.create_role(RoleName="py-documents", AssumeRolePolicyDocument=json.dumps(TRUST, indent=3))
    assert made["Role"]["AssumeRolePolicyDocument"] == TRUST
    assert iam.get_role(RoleName="py-documents")["Role"]["AssumeRolePolicyDocument"] == TRUST
    document = allow(["s3:GetObject"], "arn:aws:s3:::b/%3A+ é/${aws:username}")
    iam.put_role_policy(RoleName="py-documents", PolicyName="p", PolicyDocument=json.dumps(document))
    assert iam.get_role_policy(RoleName="py-documents", PolicyName="p")["PolicyDocument"] == document
    policy = iam.create_policy(PolicyName="py-documents", PolicyDocument=json.dumps(document))["Policy"]
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
    assert version["PolicyVersion"]["Document"] == document


def times_are_times():
    user = iam.create_user(UserName="py-times")["User"]
    age = datetime.datetime.now(datetime.timezone.utc) - user["CreateDate"]
    assert abs(age.total_seconds()) < 30, age
    assert user["CreateDate"].microsecond == 0


def exceptions_have_classes():
    refused("NoSuchEntity", iam.get_user, UserName="none")
    for code, call in (
        (iam.exceptions.NoSuchEntityException, lambda: iam.get_user(UserName="none")),
        (iam.exceptions.EntityAlreadyExistsException, lambda: iam.create_user(UserName="ADMINISTRATOR")),
        (iam.exceptions.MalformedPolicyDocumentException, lambda: iam.create_policy(PolicyName="x", PolicyDocument="{")),
        (iam.exceptions.DeleteConflictException, lambda: iam.delete_user(UserName="administrator")),
        (sts.exceptions.MalformedPolicyDocumentException, lambda: assume("none", Policy="{")),
    ):
        try:
            call()
        except code as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404, 409)
        else:
            raise AssertionError(f"{code} was not raised")


def assume(role, **more):
    return sts.assume_role(RoleArn=f"arn:aws:iam::{HOME}:role/{role}", RoleSessionName="py", **more)


def roles_are_assumed_and_chained():
    for name in ("py-first", "py-second"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="py-first", PolicyName="p", PolicyDocument=json.dumps(allow("sts:AssumeRole")))
    answer = assume("py-first")
    left = answer["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert abs(left.total_seconds() - 3600) < 10
    first = client("sts", **keys_of(answer))
    assert first.get_caller_identity()["Arn"] == f"arn:aws:sts::{HOME}:assumed-role/py-first/py"
    second = first.assume_role(RoleArn=f"arn:aws:iam::{HOME}:role/py-second", RoleSessionName="next")
    arn = client("sts", **keys_of(second)).get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{HOME}:assumed-role/py-second/next"
    refused("AccessDenied", client("iam", **keys_of(second)).list_users)
    error = refused(
        "ValidationError",
        first.assume_role,
        RoleArn=f"arn:aws:iam::{HOME}:role/py-second",
        RoleSessionName="next",
        DurationSeconds=3601,
    )
    assert "exceeds the MaxSessionDuration set for this role." in str(error)


def session_policies_narrow():
    iam.create_role(RoleName="py-narrow", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="py-narrow", PolicyName="p", PolicyDocument=json.dumps(allow("iam:List*")))
    answer = assume("py-narrow", Policy=json.dumps(allow("iam:ListUsers")))
    assert 0 < answer["PackedPolicySize"] < 50
    narrow = client("iam", **keys_of(answer))
    narrow.list_users()
    error = refused("AccessDenied", narrow.list_roles)
    assert str(error) == (
        "An error occurred (AccessDenied) when calling the ListRoles operation: "
        f"User: arn:aws:sts::{HOME}:assumed-role/py-narrow/py is not authorized to perform: iam:ListRoles "
        f"on resource: arn:aws:iam::{HOME}:role/ because no session policy allows the iam:ListRoles action"
    ), str(error)


def profiles_follow_roles():
    session = boto3.Session(profile_name="py-profile")
    assert session.client("sts").get_caller_identity()["Arn"] == f"arn:aws:sts::{HOME}:assumed-role/py-profile/by-profile"
    left = session.get_credentials()._expiry_time - datetime.datetime.now(datetime.timezone.utc)
    assert abs(left.total_seconds() - 7200) < 30, left
    chained = boto3.Session(profile_name="py-chained")
    assert chained.client("sts").get_caller_identity()["Arn"].endswith(":assumed-role/py-chained/chained")


def pages_are_turned():
    names = [f"py-page-{index}" for index in range(5)]
    for name in names:
        iam.create_group(GroupName=name, Path="/py/")
    pages = list(iam.get_paginator("list_groups").paginate(PathPrefix="/py/", PaginationConfig={"PageSize": 2}))
    assert [len(page["Groups"]) for page in pages] == [2, 2, 1]
    assert [group["GroupName"] for page in pages for group in page["Groups"]] == names
    some = iam.get_paginator("list_groups").paginate(PathPrefix="/py/", PaginationConfig={"MaxItems": 3, "PageSize": 2})
    first = some.build_full_result()
    rest = iam.get_paginator("list_groups").paginate(
        PathPrefix="/py/", PaginationConfig={"StartingToken": first["NextToken"]}
    )
    assert [group["GroupName"] for group in rest.build_full_result()["Groups"]] == names[3:]


def waiters_see_what_is_there():
    iam.create_instance_profile(InstanceProfileName="py-box")
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="py-box", WaiterConfig={"Delay": 1})
    iam.create_user(UserName="py-awaited")
    iam.get_waiter("user_exists").wait(UserName="py-awaited", WaiterConfig={"Delay": 1})


def resources_walk():
    resource = boto3.resource("iam")
    user = resource.create_user(UserName="py-resource", Tags=[{"Key": "a", "Value": "b"}])
    policy = resource.create_policy(PolicyName="py-resource", PolicyDocument=json.dumps(allow("s3:*")))
    user.attach_policy(PolicyArn=policy.arn)
    assert [each.arn for each in user.attached_policies.all()] == [policy.arn]
    group = resource.create_group(GroupName="py-resource")
    group.add_user(UserName="py-resource")
    assert [each.name for each in user.groups.all()] == ["py-resource"]
    pair = user.create_access_key_pair()
    assert client("sts", aws_access_key_id=pair.id, aws_secret_access_key=pair.secret).get_caller_identity()[
        "UserId"
    ] == user.user_id
    policy.reload()
    assert policy.attachment_count == 1
    pair.delete()
    group.remove_user(UserName="py-resource")
    group.delete()
    user.detach_policy(PolicyArn=policy.arn)
    policy.delete()
    user.delete()
    assert "py-resource" not in [each.name for each in resource.users.all()]


def numbers_and_booleans_are_such():
    summary = iam.get_account_summary()["SummaryMap"]
    assert summary["UsersQuota"] == 5000 and all(type(value) is int for value in summary.values())
    listed = iam.list_policies(Scope="AWS", MaxItems=1)
    assert listed["IsTruncated"] is True and listed["Policies"][0]["IsAttachable"] is True
    assert type(listed["Policies"][0]["AttachmentCount"]) is int


def parameters_are_checked_by_both():
    try:
        iam.get_user(UserName="")
        raise AssertionError("an empty name was sent")
    except ParamValidationError:
        pass
    error = refused("ValidationError", iam.create_user, UserName="a b")
    assert str(error).endswith("The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")


def cluster_tokens_tell_who_asks():
    session = boto3.Session()
    signer = RequestSigner(
        session.client("sts").meta.service_model.service_id,
        "us-east-1",
        "sts",
        "v4",
        session.get_credentials(),
        session.events,
    )
    endpoint = sts.meta.endpoint_url
    headers = {"x-k8s-aws-id": "my-cluster"}
    url = signer.generate_presigned_url(
        {
            "method": "GET",
            "url": f"{endpoint}/?Action=GetCallerIdentity&Version=2011-06-15",
            "body": {},
            "headers": headers,
            "context": {},
        },
        region_name="us-east-1",
        expires_in=60,
        operation_name="",
    )
    token = "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    assert len(token) < 4096

    def fetch(more):
        with urllib.request.urlopen(urllib.request.Request(url, headers=more)) as response:
            return json.load(response)

    answer = fetch({**headers, "Accept": "application/json"})
    result = answer["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    assert result["Arn"] == f"arn:aws:iam::{HOME}:user/administrator", answer
    try:
        fetch({"x-k8s-aws-id": "other"})
        raise AssertionError("the token of another cluster was good")
    except urllib.error.HTTPError as error:
        assert error.code == 403


CHECKS = [
    identity,
    documents_are_read_as_objects,
    times_are_times,
    exceptions_have_classes,
    roles_are_assumed_and_chained,
    session_policies_narrow,
    profiles_follow_roles,
    pages_are_turned,
    waiters_see_what_is_there,
    resources_walk,
    numbers_and_booleans_are_such,
    parameters_are_checked_by_both,
    cluster_tokens_tell_who_asks,
]


def outcome_of(checks):
    """Runs each check, and prints what became of it."""
    outcome = {}
    for check in checks:
        try:
            check()
            outcome[check.__name__] = "ok"
        except BaseException:
            outcome[check.__name__] = traceback.format_exc()
    json.dump(outcome, sys.stdout)


if __name__ == "__main__":
    outcome_of(CHECKS)
