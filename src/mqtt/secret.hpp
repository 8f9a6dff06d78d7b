// The broker password: read when it is needed, kept nowhere, logged never.
#pragma once

#include <string>

#include "base/result.hpp"

namespace rbamp::mqtt {

/// From `password_file`, or when that is empty from the systemd credential "mqtt-password" ($CREDENTIALS_DIRECTORY) if there is one;
/// an empty text when there is neither. One trailing line end is not part of the password.
///
/// Reads a small file: call it where blocking for the disk is allowed. Read again for each connection, so that a changed password
/// needs no restart. Errors: config_invalid, names the file and the reason, never the content.
[[nodiscard]] Result<std::string> load_password(const std::string& password_file);

}  // namespace rbamp::mqtt
