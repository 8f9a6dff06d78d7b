#include <array>
#include <map>

#include "bus/recording_bus.hpp"
#include "bus/replay_bus.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::bus;
using namespace std::chrono_literals;

namespace {

constexpr I2cAddress mains{0x50};

/// One register page at 0x50; every fourth transaction fails.
class Page final : public I2cBus {
 public:
  explicit Page(Clock& clock) : clock_(clock) {}

  Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) override {
    if (auto failed = spend(read_bits(into.size()), module)) return failure(*failed);
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = registers_[static_cast<std::uint8_t>(reg + i)];
    return {};
  }
  Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) override {
    if (auto failed = spend(write_bits(bytes.size()), to)) return failure(*failed);
    if (bytes.size() > 1) registers_[bytes[0]] = bytes[1];
    return {};
  }
  Capabilities capabilities() const override { return {.plain_i2c = true, .max_read = 64, .general_call = false}; }
  std::string describe() const override { return "/dev/i2c-9"; }

 private:
  std::optional<Error> spend(std::uint32_t bits, I2cAddress to) {
    clock_.sleep_for(Microseconds{bits * 10});
    if (++count_ % 4 == 0) return Error{Errc::bus_arbitration, Remedy::retry, "line one\nline two"};
    if (to != mains) return Error{Errc::bus_nack, Remedy::retry, "nobody at " + to_string(to)};
    return std::nullopt;
  }

  Clock& clock_;
  std::map<std::uint8_t, std::uint8_t> registers_{{0x54, 0x01}, {0x55, 0x06}, {0x58, 0x06}};
  int count_ = 0;
};

/// What a caller of a bus sees, in words, so that two conversations can be compared.
std::vector<std::string> converse(I2cBus& bus, Clock& clock) {
  std::vector<std::string> seen;
  const auto note = [&](const Result<void>& result, std::span<const std::uint8_t> bytes) {
    std::string text = std::to_string(clock.boot_now().time_since_epoch().count());
    if (result) {
      for (const auto byte : bytes) text += " " + to_string(I2cAddress{byte});
    } else {
      text += " " + result.error().code.message() + " " + std::string{to_string(result.error().remedy)};
    }
    seen.push_back(std::move(text));
  };
  std::array<std::uint8_t, 5> identity{};
  for (int round = 0; round < 5; ++round) {
    note(bus.read(mains, 0x54, identity), identity);
    note(bus.write(mains, std::array<std::uint8_t, 2>{0x01, 0x27}), {});
    note(bus.read(I2cAddress{0x51}, 0x00, std::span{identity}.first<1>()), {});
    clock.sleep_for(50ms);
  }
  return seen;
}

RecordingSink into(std::string& text) {
  return [&text](std::string_view line) {
    text += line;
    return true;
  };
}

std::string record() {
  ManualClock clock;
  std::string text;
  RecordingBus bus{std::make_unique<Page>(clock), clock, into(text)};
  (void)converse(bus, clock);
  return text;
}

}  // namespace

TEST_CASE("the decorator changes nothing of what the caller sees") {
  ManualClock plain_clock;
  ManualClock recorded_clock;
  Page plain{plain_clock};
  std::string text;
  RecordingBus recorded{std::make_unique<Page>(recorded_clock), recorded_clock, into(text)};
  CHECK(converse(plain, plain_clock) == converse(recorded, recorded_clock));
  CHECK(recorded.describe() == "/dev/i2c-9");
  CHECK(recorded.capabilities().max_read == 64);
}

TEST_CASE("a replay is the same conversation: bytes, errors and times") {
  ManualClock clock;
  Page original{clock};
  const auto expected = converse(original, clock);

  auto recording = parse_recording(record());
  REQUIRE(recording);
  ManualClock replay_clock;
  ReplayBus replay{*recording, replay_clock};
  CHECK(converse(replay, replay_clock) == expected);
  CHECK(replay.is_complete());
  CHECK(replay.answered() == 15);
  CHECK(replay.describe() == "/dev/i2c-9 (replayed)");
  CHECK_FALSE(replay.capabilities().general_call);
}

TEST_CASE("a recording of a replay is the same file") {
  const auto text = record();
  ManualClock clock;
  auto recording = parse_recording(text);
  REQUIRE(recording);
  recording->bus = "/dev/i2c-9";
  std::string again;
  RecordingBus bus{std::make_unique<ReplayBus>(*recording, clock), clock, into(again)};
  (void)converse(bus, clock);
  const auto without_name = [](std::string file) { return file.erase(0, file.find("capabilities")); };
  CHECK(without_name(again) == without_name(text));
}

TEST_CASE("the format is stable") {
  CHECK(record().substr(0, 277) ==
        "rbamp-recording 1\n"
        "bus /dev/i2c-9\n"
        "capabilities plain_i2c no_general_call 64\n"
        "0 750 r 50 54 5 ok 0106000006\n"
        "750 290 w 50 0127 ok\n"
        "1040 390 r 51 00 1 bus_nack retry nobody at 0x51\n"
        "51430 750 r 50 54 5 bus_arbitration retry line one line two\n"
        "52180 290 w 50 0127 ok\n"
        "52470 390 r 51 00 1");
}

TEST_CASE("another question than the recorded one ends the replay and says both") {
  auto recording = parse_recording(record());
  REQUIRE(recording);
  ManualClock clock;
  ReplayBus replay{*recording, clock};
  std::array<std::uint8_t, 5> bytes{};
  REQUIRE(replay.read(mains, 0x54, bytes));
  const auto other = replay.write(mains, std::array<std::uint8_t, 2>{0x01, 0x32});
  REQUIRE_FALSE(other);
  CHECK(other.error().is(Errc::bus_unsupported));
  REQUIRE(replay.divergence());
  CHECK(*replay.divergence() ==
        "transaction 2: recorded was a write of 0x01 0x27 to module 0x50, asked for is a write of 0x01 0x32 to module 0x50");
  // Going on would answer a different program's questions.
  CHECK_FALSE(replay.write(mains, std::array<std::uint8_t, 2>{0x01, 0x27}));
  CHECK_FALSE(replay.is_complete());
}

TEST_CASE("a question after the end is answered with words") {
  auto recording = parse_recording("rbamp-recording 1\n0 750 r 50 54 5 ok 0106000006\n");
  REQUIRE(recording);
  ManualClock clock;
  ReplayBus replay{*recording, clock};
  std::array<std::uint8_t, 5> bytes{};
  REQUIRE(replay.read(mains, 0x54, bytes));
  CHECK(replay.is_complete());
  CHECK_FALSE(replay.read(mains, 0x54, bytes));
  CHECK(replay.divergence()->find("after the end of the recording (1 transactions)") == 0);
}

TEST_CASE("a bad recording names the line") {
  const std::string head = "rbamp-recording 1\nbus x\ncapabilities plain_i2c general_call 8192\n";
  const auto bad = GENERATE(
      values<std::string>({"0 750 r 50 54 5 ok 01060000", "0 750 r 50 54 5 ok 010600000g", "0 750 x 50 54 5 ok 0106000006",
                           "0 750 r 150 54 5 ok 0106000006", "0 750 r 50 54 5 bus_dizzy retry", "0 750 r 50 54 5 bus_nack maybe",
                           "soon 750 r 50 54 5 ok 0106000006", "0 750 w 50 012 ok", "0 750"}));
  CAPTURE(bad);
  const auto recording = parse_recording(head + "# a remark\n\n" + bad + "\n");
  REQUIRE_FALSE(recording);
  CHECK(recording.error().is(Errc::config_invalid));
  CHECK(recording.error().detail.find("line 6: ") != std::string::npos);
}

TEST_CASE("what is no recording at all is refused") {
  CHECK_FALSE(parse_recording(""));
  CHECK_FALSE(parse_recording("rbamp-recording 2\n"));
  CHECK_FALSE(parse_recording("hello\n"));
}

TEST_CASE("a line that a power cut left unfinished is left out") {
  const auto recording = parse_recording("rbamp-recording 1\n0 750 r 50 54 5 ok 0106000006\n750 290 w 50 01");
  REQUIRE(recording);
  CHECK(recording->transactions.size() == 1);
  CHECK_FALSE(recording->is_cut);
}

TEST_CASE("when the sink is full the recording ends and the bus goes on") {
  ManualClock clock;
  std::size_t lines = 0;
  RecordingBus bus{std::make_unique<Page>(clock), clock, [&lines](std::string_view) { return ++lines < 3; }};
  std::array<std::uint8_t, 5> bytes{};
  for (int i = 0; i < 3; ++i) CHECK(bus.read(mains, 0x54, bytes));
  CHECK_FALSE(bus.is_recording());
  CHECK(lines == 3);
}
