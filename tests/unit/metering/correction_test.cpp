#include "metering/correction.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;

namespace {

Account account() {
  Account account;
  account.place = PlaceKey{7};
  account.module = ModuleKey{8};
  account.place_id = "mains";
  Registers registers;
  registers.energy_import = MicroWattHours{5'000'000};
  registers.energy_export = MicroWattHours{100};
  registers.import_remainder = 0.75;
  registers.export_remainder = -0.25;
  account.channels = {{ChannelIndex{0}, "grid", ChannelKey{1}, registers}, {ChannelIndex{1}, "roof", ChannelKey{2}, registers}};
  return account;
}

RegisterChange by(std::int64_t amount) { return {RegisterChange::Kind::by, MicroWattHours{amount}}; }
RegisterChange to(std::int64_t amount) { return {RegisterChange::Kind::to, MicroWattHours{amount}}; }

CorrectionRequest request(std::vector<ChannelCorrection> channels) {
  return {Reason::correction, "clamp was loose", std::move(channels)};
}

Instant now() { return {BootId{}, BootTime{std::chrono::seconds{90}}, UtcTime{std::chrono::seconds{1'800'000'000}}, true}; }

std::string refusal(const CorrectionRequest& request) {
  Account before = account();
  const auto closing = correct(before, request, now());
  if (closing) return "accepted";
  CHECK(before.channels[0].registers.energy_import == account().channels[0].registers.energy_import);
  CHECK(before.channels[0].registers.import_remainder == account().channels[0].registers.import_remainder);
  return closing.error().detail;
}

}  // namespace

TEST_CASE("a correction is a posting of its own that covers no time and says why") {
  Account mains = account();
  const auto closing = correct(mains, request({{"roof", by(-1'000'000), by(900)}}), now());
  REQUIRE(closing);
  CHECK(closing->place == PlaceKey{7});
  CHECK(closing->module == ModuleKey{8});
  CHECK(closing->quality == Quality::adjustment);
  CHECK(closing->reason == Reason::correction);
  CHECK(closing->note == "clamp was loose");
  CHECK(closing->span.length == Microseconds::zero());
  CHECK(closing->span.begin.utc == closing->span.end.utc);
  REQUIRE(closing->postings.size() == 1);
  const auto& posting = closing->postings.front();
  CHECK(posting.channel == ChannelKey{2});
  CHECK(posting.energy_import == MicroWattHours{-1'000'000});
  CHECK(posting.total_import == MicroWattHours{4'000'000});
  CHECK(posting.energy_export == MicroWattHours{900});
  CHECK(posting.total_export == MicroWattHours{1'000});
  CHECK(mains.channels[1].registers.energy_import == MicroWattHours{4'000'000});
  CHECK(mains.channels[0].registers.energy_import == MicroWattHours{5'000'000});
  CHECK(!mains.covered_until);
}

TEST_CASE("a correction by an amount keeps what rounding left over, one to a value drops it") {
  Account mains = account();
  CHECK(correct(mains, request({{"grid", by(1), {}}}), now())->postings.front().import_remainder == 0.75);
  CHECK(mains.channels[0].registers.import_remainder == 0.75);
  const auto closing = correct(mains, request({{"grid", to(42), {}}}), now());
  REQUIRE(closing);
  CHECK(closing->postings.front().total_import == MicroWattHours{42});
  CHECK(closing->postings.front().energy_import == MicroWattHours{42 - 5'000'001});
  CHECK(closing->postings.front().import_remainder == 0.0);
  CHECK(closing->postings.front().export_remainder == -0.25);
  CHECK(mains.channels[0].registers.import_remainder == 0.0);
}

TEST_CASE("the opposite correction undoes the first to the last micro-watt-hour") {
  Account mains = account();
  REQUIRE(correct(mains, request({{"grid", by(-123'457), by(77)}}), now()));
  REQUIRE(correct(mains, request({{"grid", by(123'457), by(-77)}}), now()));
  CHECK(mains.channels[0].registers.energy_import == account().channels[0].registers.energy_import);
  CHECK(mains.channels[0].registers.energy_export == account().channels[0].registers.energy_export);
  CHECK(mains.channels[0].registers.import_remainder == 0.75);
}

TEST_CASE("several channels are corrected in one line or none of them") {
  Account mains = account();
  REQUIRE(correct(mains, request({{"grid", by(1), {}}, {"roof", by(2), {}}}), now())->postings.size() == 2);
  CHECK(refusal(request({{"grid", by(1), {}}, {"roof", by(-6'000'000), {}}})).find("would be negative") != std::string::npos);
}

TEST_CASE("a change of chip may leave the registers as they are, nothing else may") {
  Account mains = account();
  CorrectionRequest swap{Reason::meter_changed, "lightning", {{"grid", {}, {}}, {"roof", {}, {}}}};
  const auto closing = correct(mains, swap, now());
  REQUIRE(closing);
  CHECK(closing->postings.size() == 2);
  CHECK(closing->postings.front().energy_import == MicroWattHours{});
  CHECK(refusal(request({{"grid", by(0), {}}})).find("nothing would change") != std::string::npos);
  CHECK(refusal(request({{"grid", to(5'000'000), to(100)}})).find("nothing would change") != std::string::npos);
}

TEST_CASE("what makes no sense is refused and changes nothing") {
  CHECK(refusal(request({{"attic", by(1), {}}})) == "\"mains\" has no channel \"attic\"");
  CHECK(refusal(request({{"grid", by(1), {}}, {"grid", by(1), {}}})).find("named twice") != std::string::npos);
  CHECK(refusal(request({})).find("no channel") != std::string::npos);
  CHECK(refusal(request({{"grid", {}, by(-101)}})).find("export register of mains/grid would be negative") != std::string::npos);
  CHECK(refusal(request({{"grid", to(-1), {}}})).find("would be negative") != std::string::npos);
  CHECK(refusal(request({{"grid", to(greatest_register.value() + 1), {}}})).find("is the unit right?") != std::string::npos);
  CHECK(refusal(request({{"grid", by(greatest_register.value()), {}}})).find("is the unit right?") != std::string::npos);
  CHECK(refusal(request({{"grid", by(INT64_MAX), {}}})).find("is the unit right?") != std::string::npos);
  CHECK(refusal(request({{"grid", by(INT64_MIN), {}}})).find("is the unit right?") != std::string::npos);
}

TEST_CASE("a correction without a reason, or with one that cannot be shown, is refused") {
  auto wanted = request({{"grid", by(1), {}}});
  wanted.note = "";
  CHECK(refusal(wanted).find("needs its reason") != std::string::npos);
  wanted.note = std::string(longest_correction_note + 1, 'x');
  CHECK(refusal(wanted).find("longer than 500") != std::string::npos);
  wanted.note = "two\nlines";
  CHECK(refusal(wanted).find("one line") != std::string::npos);
  wanted.note = "Zähler getauscht";
  CHECK(refusal(wanted) == "accepted");
}
