#include "storage/attended_query.hpp"

namespace rbamp::storage {

std::string attended_text(Connection& connection, const std::string& sql, const KeepGoing& keep_going,
                          std::chrono::milliseconds interval) {
  if (!keep_going) return connection.text(sql);
  if (!keep_going())
    throw Failure{Error{Errc::cancelled, Remedy::give_up, "the ledger " + connection.path() + ": told to stop looking at it"}};
  // Again after each false: an interruption that comes before the query has begun is forgotten.
  const Attendant attendant{keep_going, [&connection] { connection.interrupt(); }, interval};
  return connection.text(sql);
}

}  // namespace rbamp::storage
