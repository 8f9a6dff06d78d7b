// The real program, killed with SIGKILL at random instants. tests/bench does the same two hundred times.
#include "kill_nine.hpp"
#include "support/catch.hpp"

TEST_CASE("kill -9 at 22 random instants loses and invents nothing, and rbampctl verify agrees") {
  const auto report = rbamp::e2e::run_kill_nine(RBAMPD, RBAMPCTL, 22, 7);
  INFO((report.findings.empty() ? std::string{} : report.findings.front()));
  CHECK(report.findings.empty());
  CHECK(report.kills == 22);
  CHECK(report.recovered >= 10);
  CHECK(report.lines >= 30);
}
