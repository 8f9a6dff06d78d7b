// The broker password and the certificates' files: read when they are needed, kept nowhere, logged never.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"
#include "mqtt/connection.hpp"

namespace rbamp::mqtt {

/// From `password_file`, or when that is empty from the systemd credential "mqtt-password" ($CREDENTIALS_DIRECTORY) if there is one;
/// an empty text when there is neither. One trailing line end is not part of the password.
///
/// Reads a small file: call it where blocking for the disk is allowed. Read again for each connection, so that a changed password
/// needs no restart. Errors: config_invalid, names the file and the reason, never the content.
[[nodiscard]] Result<std::string> load_password(const std::string& password_file);

/// A number that stands for what password, authority, certificate and key hold now: while none of them changes, neither does it. A file
/// that cannot be read counts as empty. It tells nothing about what they hold.
///
/// Reads up to four files: call it where blocking for the disk is allowed.
[[nodiscard]] std::size_t fingerprint(const ConnectRequest& request);

}  // namespace rbamp::mqtt
