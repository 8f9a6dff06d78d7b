// What a borrower of a bus may send to modules that are metered.
#include "daemon/bus_lender.hpp"

#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

constexpr I2cAddress address{0x50};

HouseSettings one_module() {
  simulator::ModuleSettings module;
  module.address = address;
  module.uptime = std::chrono::hours{1};
  HouseSettings settings;
  settings.world.modules.push_back(module);
  return settings;
}

struct Loan {
  House house{one_module()};
  MemorySink sink;
  log::Logger logger{sink, log::Level::debug};
  std::unique_ptr<daemon::BusLender> lender;
  std::uint64_t id = 0;

  Loan() {
    house.start();
    house.run_for(minutes{2});
    lender = std::make_unique<daemon::BusLender>(house.fleet(), house.loop(), logger);
    lender->borrow("main", "a test", [this](const Result<dbus::BusLoan>& loan) { id = loan.value().id; });
    house.run_for(milliseconds{10});
    REQUIRE(id != 0);
  }
  /// The words of a refusal; empty when it was passed on and answered.
  std::string send(std::vector<std::uint8_t> bytes, std::size_t read_length = 0) {
    std::optional<std::string> words;
    lender->transfer(id, {address, std::move(bytes), read_length}, [&words](const Result<std::vector<std::uint8_t>>& answer) {
      words = answer ? std::string{} : answer.error().detail;
    });
    house.run_for(milliseconds{10});
    REQUIRE(words);
    return *words;
  }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a borrower reads and writes registers") {
  Loan loan;
  CHECK(loan.send({0x5C}, 2).empty());
  CHECK(loan.send({0x5C}).empty());
  CHECK(loan.send({0x02, 0xFF}).empty());
}

TEST_CASE("no write of a borrower latches, whatever hangs on behind it") {
  Loan loan;
  loan.house.world().record_latches(true);
  CHECK(contains(loan.send({0x01, 0x27}), "LatchNow"));
  CHECK_FALSE(loan.send({0x01, 0x27, 0x00}).empty());
  CHECK_FALSE(loan.send({0x01, 0x27}, 1).empty());
  CHECK(loan.house.world().latches(0).empty());
}

TEST_CASE("commands that rbampd never sends are refused to a borrower as well") {
  Loan loan;
  for (int opcode = 0; opcode <= 0xFF; ++opcode) {
    constexpr std::array<int, 8> lendable{0x01, 0x28, 0x29, 0x2A, 0x30, 0x31, 0x32, 0x38};
    if (std::find(lendable.begin(), lendable.end(), opcode) != lendable.end()) continue;
    INFO("command " << opcode);
    CHECK_FALSE(loan.send({0x01, static_cast<std::uint8_t>(opcode)}).empty());
  }
  CHECK(contains(loan.send({0x01, 0xAA}), "none that rbampd sends"));
  CHECK(loan.send({0x01, 0x31}).empty());
}

TEST_CASE("a write of several registers is refused: modules take the first byte only") {
  Loan loan;
  CHECK(contains(loan.send({0x02, 0x10, 0x27}), "one register in each write"));
}
