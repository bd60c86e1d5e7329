"""What we keep of SCIM's User and Group, as /Schemas and its neighbours say it."""

from __future__ import annotations

from typing import Any

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
_RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
_PROVIDER_CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
MOST_RESULTS = 100


def _attribute(name: str, description: str, **others: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": "string",
        "multiValued": False,
        "description": description,
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
        **others,
    }


_READ_ONLY = {"mutability": "readOnly"}
_USER_ATTRIBUTES = [
    _attribute(
        "userName",
        "The work e-mail. Somebody who has joined gets another one when its mailbox confirms it.",
        required=True,
        uniqueness="server",
    ),
    _attribute(
        "name",
        "How the person is called.",
        type="complex",
        required=True,
        subAttributes=[
            _attribute("givenName", "Given name.", required=True),
            _attribute("familyName", "Family name."),
        ],
    ),
    _attribute("displayName", "Both names.", **_READ_ONLY),
    _attribute("title", "Job title."),
    _attribute("timezone", "An IANA name, such as Europe/Berlin."),
    _attribute(
        "active",
        "False once the person has left. Who has left is brought back by hand alone.",
        type="boolean",
    ),
    _attribute(
        "emails",
        "The work e-mail again.",
        type="complex",
        multiValued=True,
        subAttributes=[
            _attribute("value", "The e-mail.", **_READ_ONLY),
            _attribute("type", "work", **_READ_ONLY),
            _attribute("primary", "Always true.", **(_READ_ONLY | {"type": "boolean"})),
        ],
        **_READ_ONLY,
    ),
]
_ENTERPRISE_ATTRIBUTES = [
    _attribute("employeeNumber", "Employee id, unique in the organisation."),
    _attribute("department", "Department."),
    _attribute(
        "manager",
        "Whom the person reports to.",
        type="complex",
        subAttributes=[
            _attribute("value", "The SCIM id of the manager."),
        ],
    ),
]
_GROUP_ATTRIBUTES = [
    _attribute("displayName", "What the group is called.", required=True),
    _attribute(
        "members",
        "The people in it. An owner says on the page of the directory which role that gives.",
        type="complex",
        multiValued=True,
        subAttributes=[
            _attribute("value", "The SCIM id of the person.", mutability="immutable"),
            _attribute(
                "$ref",
                "The address of the person.",
                type="reference",
                referenceTypes=["User"],
                mutability="immutable",
            ),
        ],
    ),
]


def schemas(base: str) -> list[dict[str, Any]]:
    return [
        _schema(base, USER, "User", "A person of the organisation", _USER_ATTRIBUTES),
        _schema(base, ENTERPRISE, "EnterpriseUser", "Work facts", _ENTERPRISE_ATTRIBUTES),
        _schema(base, GROUP, "Group", "A group of people", _GROUP_ATTRIBUTES),
    ]


def _schema(
    base: str, urn: str, name: str, description: str, attributes: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "schemas": [_SCHEMA],
        "id": urn,
        "name": name,
        "description": description,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{urn}"},
    }


def resource_types(base: str) -> list[dict[str, Any]]:
    return [
        {
            "schemas": [_RESOURCE_TYPE],
            "id": "User",
            "name": "User",
            "description": "A person of the organisation",
            "endpoint": "/Users",
            "schema": USER,
            "schemaExtensions": [{"schema": ENTERPRISE, "required": False}],
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/User"},
        },
        {
            "schemas": [_RESOURCE_TYPE],
            "id": "Group",
            "name": "Group",
            "description": "A group of people",
            "endpoint": "/Groups",
            "schema": GROUP,
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/Group"},
        },
    ]


def service_provider_config(base: str) -> dict[str, Any]:
    location = f"{base}/ServiceProviderConfig"
    no = {"supported": False}
    return {
        "schemas": [_PROVIDER_CONFIG],
        "patch": {"supported": True},
        "bulk": {**no, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token that an owner has made under Settings, Directory.",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": location},
    }
