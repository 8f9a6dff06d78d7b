// A question to the database that may take minutes, while somebody is asked whether to go on.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "storage/database.hpp"

namespace rbamp::storage {

/// False: enough. Called at once on the calling thread, then on a thread of the query's own while the caller is blocked.
using KeepGoing = std::function<bool()>;

inline constexpr std::chrono::milliseconds attended_interval{500};

/// Connection::text(), with `keep_going` called every `interval` whatever the database does meanwhile: SQLite looks at all pages of
/// a file in one step, in which its own progress handler is silent. An empty `keep_going` is never called. Blocks; throws Failure:
/// cancelled (Remedy::give_up) after a false, as soon as SQLite notices; nothing is changed then.
[[nodiscard]] std::string attended_text(Connection& connection, const std::string& sql, const KeepGoing& keep_going,
                                        std::chrono::milliseconds interval = attended_interval);

}  // namespace rbamp::storage
