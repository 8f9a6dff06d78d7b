// A question to the database that may take minutes, while somebody is asked whether to go on.
#pragma once

#include <chrono>
#include <string>

#include "storage/attendant.hpp"
#include "storage/database.hpp"

namespace rbamp::storage {

/// Connection::text(), with `keep_going` called every `interval` whatever the database does meanwhile: SQLite looks at all pages of
/// a file in one step, in which its own progress handler is silent. The first call is on the calling thread. An empty `keep_going` is
/// never called. Blocks; throws Failure:
/// cancelled (Remedy::give_up) after a false, as soon as SQLite notices; nothing is changed then.
[[nodiscard]] std::string attended_text(Connection& connection, const std::string& sql, const KeepGoing& keep_going,
                                        std::chrono::milliseconds interval = attended_interval);

}  // namespace rbamp::storage
