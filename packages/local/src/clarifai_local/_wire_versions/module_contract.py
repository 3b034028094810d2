"""The part of the public contract that is about modules, which releases after 12.1.1 have not.

Names, numbers and paths are those of clarifai-grpc 12.1.1; `module_messages` makes messages of them
where the installed release has none.
"""

from __future__ import annotations

MESSAGES = """
message GetModuleRequest {
  UserAppIDSet user_app_id = 1;
  string module_id = 2;
  repeated string additional_fields = 3;
}
message ModuleVersion {
  message ModuleSubNav {
    string title = 1;
    string query_key = 2;
    string query_value = 3;
  }
  message ModuleNav {
    string title = 1;
    repeated ModuleSubNav module_sub_navs = 2;
  }
  string id = 1;
  string module_id = 2;
  string app_id = 3;
  string user_id = 4;
  string description = 6;
  string notes = 7;
  google.protobuf.Timestamp created_at = 8;
  google.protobuf.Timestamp modified_at = 9;
  string git_commit_url = 10;
  ModuleNav module_nav = 11;
  bool approved = 12;
  Visibility visibility = 13;
  google.protobuf.Struct metadata = 14;
}
message Module {
  string id = 1;
  string description = 3;
  google.protobuf.Timestamp created_at = 4;
  google.protobuf.Timestamp modified_at = 5;
  Visibility visibility = 7;
  google.protobuf.Struct metadata = 8;
  string user_id = 9;
  string app_id = 10;
  ModuleVersion module_version = 11;
  bool is_starred = 12;
  int32 star_count = 13;
  BookmarkOrigin bookmark_origin = 14;
  Image image = 15;
}
message SingleModuleResponse {
  status.Status status = 1;
  Module module = 2;
}
message ListModulesRequest {
  UserAppIDSet user_app_id = 1;
  uint32 page = 2;
  uint32 per_page = 3;
  repeated string additional_fields = 5;
  bool sort_ascending = 6;
  bool sort_by_created_at = 7 [oneof sort_by];
  bool sort_by_star_count = 8 [oneof sort_by];
  bool sort_by_modified_at = 9 [oneof sort_by];
  bool sort_by_id = 11 [oneof sort_by];
  bool sort_by_relevance = 16 [oneof sort_by];
  bool starred_only = 4;
  bool bookmark = 10;
  string search = 14;
  string name = 12 [deprecated];
  bool filter_by_user_id = 13 [deprecated];
  Visibility visibility = 15;
}
message MultiModuleResponse {
  status.Status status = 1;
  repeated Module modules = 2 [show_if_empty];
}
message PostModulesRequest {
  UserAppIDSet user_app_id = 1;
  repeated Module modules = 3;
}
message PatchModulesRequest {
  UserAppIDSet user_app_id = 1;
  repeated Module modules = 2;
  string action = 3;
}
message DeleteModulesRequest {
  UserAppIDSet user_app_id = 1;
  repeated string ids = 2;
}
message GetModuleVersionRequest {
  UserAppIDSet user_app_id = 1;
  string module_id = 2;
  string module_version_id = 3;
}
message SingleModuleVersionResponse {
  status.Status status = 1;
  ModuleVersion module_version = 2;
}
message ListModuleVersionsRequest {
  UserAppIDSet user_app_id = 1;
  string module_id = 2;
  uint32 page = 3;
  uint32 per_page = 4;
}
message MultiModuleVersionResponse {
  status.Status status = 1;
  repeated ModuleVersion module_versions = 2 [show_if_empty];
}
message PostModuleVersionsRequest {
  UserAppIDSet user_app_id = 1;
  string module_id = 2;
  repeated ModuleVersion module_versions = 3;
}
message PatchModuleVersionsRequest {
  UserAppIDSet user_app_id = 1;
  string module_id = 2;
  repeated ModuleVersion module_versions = 3;
  string action = 4;
}
message DeleteModuleVersionsRequest {
  UserAppIDSet user_app_id = 1;
  string module_id = 2;
  repeated string ids = 3;
}
message GetModuleVersionUsageCountRequest {
  UserAppIDSet user_app_id = 1;
  string module_id = 2;
  string module_version_id = 3;
}
message SingleModuleVersionUsageCountResponse {
  status.Status status = 1;
  uint32 usage_count = 2;
}
message GetInstalledModuleVersionRequest {
  UserAppIDSet user_app_id = 1;
  string installed_module_version_id = 2;
}
message InstalledModuleVersion {
  string id = 1;
  ModuleVersion module_version = 2;
  string app_id = 3;
  string user_id = 4;
  google.protobuf.Timestamp created_at = 5;
  google.protobuf.Timestamp modified_at = 6;
  string deploy_url = 7;
  Visibility visibility = 8;
  string key_id = 9;
}
message SingleInstalledModuleVersionResponse {
  status.Status status = 1;
  InstalledModuleVersion installed_module_version = 2;
}
message ListInstalledModuleVersionsRequest {
  UserAppIDSet user_app_id = 1;
  uint32 page = 2;
  uint32 per_page = 3;
}
message MultiInstalledModuleVersionResponse {
  status.Status status = 1;
  repeated InstalledModuleVersion installed_module_versions = 2 [show_if_empty];
}
message PostInstalledModuleVersionsRequest {
  UserAppIDSet user_app_id = 1;
  repeated InstalledModuleVersion installed_module_versions = 2;
}
message DeleteInstalledModuleVersionsRequest {
  UserAppIDSet user_app_id = 1;
  repeated string ids = 2;
}
message PostInstalledModuleVersionsKeyRequest {
  UserAppIDSet user_app_id = 1;
  string installed_module_version_id = 2;
}
"""
"""Messages in the package `clarifai.api`; `show_if_empty` is an option of its fields."""

RPCS = """
GetModule -> SingleModuleResponse
  get APP/modules/{module_id}
ListModules -> MultiModuleResponse
  get APP/modules
  get /v2/users/{user_app_id.user_id}/modules
  get /v2/modules
PostModules -> MultiModuleResponse
  post APP/modules
PatchModules -> MultiModuleResponse
  patch APP/modules
DeleteModules -> status.BaseResponse
  delete APP/modules
GetModuleVersion -> SingleModuleVersionResponse
  get APP/modules/{module_id}/versions/{module_version_id}
ListModuleVersions -> MultiModuleVersionResponse
  get APP/modules/{module_id}/versions
PostModuleVersions -> MultiModuleVersionResponse
  post APP/modules/{module_id}/versions
PatchModuleVersions -> MultiModuleVersionResponse
  patch APP/modules/{module_id}/versions
DeleteModuleVersions -> status.BaseResponse
  delete APP/modules/{module_id}/versions
GetModuleVersionUsageCount -> SingleModuleVersionUsageCountResponse
  get APP/modules/{module_id}/versions/{module_version_id}/usage_count
GetInstalledModuleVersion -> SingleInstalledModuleVersionResponse
  get APP/installed_module_versions/{installed_module_version_id}
ListInstalledModuleVersions -> MultiInstalledModuleVersionResponse
  get APP/installed_module_versions
PostInstalledModuleVersions -> MultiInstalledModuleVersionResponse
  post APP/installed_module_versions
DeleteInstalledModuleVersions -> status.BaseResponse
  delete APP/installed_module_versions
PostInstalledModuleVersionsKey -> SingleKeyResponse
  post APP/installed_module_versions/{installed_module_version_id}/key
"""
"""RPCs of the service V2, what they answer, and their HTTP paths; APP is the path of an app."""

APP = "/v2/users/{user_app_id.user_id}/apps/{user_app_id.app_id}"
