#include "storage/attended_query.hpp"

#include <atomic>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::milliseconds;

namespace {

/// One that never ends by itself.
const std::string endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";

}  // namespace

TEST_CASE("a query that is attended ends when it is told to, and the connection can be used again") {
  const TemporaryDirectory folder;
  storage::Connection connection{folder.file("some.db"), storage::Connection::Access::create};
  std::atomic<int> asked = 0;
  const auto answer = storage::caught([&] {
    return storage::attended_text(
        connection, endless, [&asked] { return ++asked < 4; }, milliseconds{1});
  });
  REQUIRE_FALSE(answer);
  CHECK(answer.error().is(Errc::cancelled));
  CHECK(answer.error().remedy == Remedy::give_up);
  CHECK(asked >= 4);
  CHECK(storage::attended_text(connection, "SELECT 'ok'", [] { return true; }) == "ok");
}

TEST_CASE("a query that is told to stop before it began does not begin") {
  const TemporaryDirectory folder;
  storage::Connection connection{folder.file("some.db"), storage::Connection::Access::create};
  const auto answer = storage::caught([&] { return storage::attended_text(connection, endless, [] { return false; }); });
  REQUIRE_FALSE(answer);
  CHECK(answer.error().is(Errc::cancelled));
}

TEST_CASE("a query that nobody attends is simply answered") {
  const TemporaryDirectory folder;
  storage::Connection connection{folder.file("some.db"), storage::Connection::Access::create};
  CHECK(storage::attended_text(connection, "SELECT 'ok'", {}) == "ok");
}
