#include "commissioning/link_quality.hpp"

#include <algorithm>

#include "commissioning/decimal.hpp"
#include "protocol/live_block.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;

namespace {

constexpr double rare = 0.01;      // the residual of a good host at 50 kHz is 0.8 %
constexpr double frequent = 0.05;  // what the worst host still delivers at 50 kHz
constexpr int speed_reads = 5;
constexpr double recommended_hz = 65'000.0;  // 50 kHz, and some tolerance of the adapter
constexpr double validated_hz = 120'000.0;   // 100 kHz

}  // namespace

Result<LinkQuality> measure_quality(const ModuleLink& module, unsigned reads) {
  LinkQuality quality;
  for (; quality.reads < reads; ++quality.reads) {
    std::array<std::uint8_t, 1> version{};
    const auto read = module.bus().read(module.address(), reg::version, version, fleet::Effort::once);
    if (read) {
      if (version[0] != module.identity().version) ++quality.wrong;
      continue;
    }
    const auto& error = read.error();
    if (error.remedy == Remedy::reinitialise || error.remedy == Remedy::give_up) return failure(error);
    if (error.is(Errc::bus_nack)) {
      ++quality.not_acknowledged;
    } else if (error.is(Errc::bus_timeout)) {
      ++quality.timed_out;
    } else {
      ++quality.failed_otherwise;
    }
  }
  return quality;
}

Finding judge_quality(const LinkQuality& quality, I2cAddress module) {
  Finding finding{Severity::ok, "link", module, {}, {}};
  const double rate = quality.failure_rate();
  finding.text = decimal(rate * 100.0, 1) + " % of " + std::to_string(quality.reads) + " reads failed (" +
                 std::to_string(quality.not_acknowledged) + " not acknowledged, " + std::to_string(quality.timed_out) +
                 " timed out, " + std::to_string(quality.failed_otherwise) + " otherwise, " + std::to_string(quality.wrong) +
                 " wrong)";
  if (quality.wrong > 0) {
    finding.severity = Severity::problem;
    finding.advice = "Bits are damaged on the way: check pull-ups, length and speed of the bus; use a buffer above one metre";
  } else if (rate >= frequent) {
    finding.severity = Severity::problem;
    finding.advice = "Check pull-ups and wiring, and set the bus to 50 kHz";
  } else if (rate >= rare) {
    finding.severity = Severity::warning;
    finding.advice = "Repeats make up for it; the bus is better at 50 kHz, with pull-ups of 2.2 to 4.7 kilo-ohms";
  } else if (rate > 0.0) {
    finding.severity = Severity::hint;
    finding.advice = "Normal for some hosts, repeats make up for it";
  }
  return finding;
}

Result<double> measure_speed(const ModuleLink& module) {
  auto& clock = module.bus().clock();
  auto fastest = Microseconds::max();
  for (int i = 0; i < speed_reads; ++i) {
    std::array<std::uint8_t, protocol::live_size> block{};
    const BootTime begin = clock.boot_now();
    if (auto read = module.bus().read(module.address(), protocol::live_start, block, fleet::Effort::steady); !read)
      return failure(read.error());
    fastest = std::min(fastest, std::chrono::duration_cast<Microseconds>(clock.boot_now() - begin));
  }
  return bus::read_bits(protocol::live_size) * 1e6 / static_cast<double>(std::max<std::int64_t>(fastest.count(), 1));
}

Finding judge_speed(double bits_per_second) {
  Finding finding{
      Severity::ok, "speed", std::nullopt, "the bus carries about " + decimal(bits_per_second / 1000.0, 0) + " kbit/s", {}};
  if (bits_per_second > validated_hz) {
    finding.severity = Severity::problem;
    finding.advice =
        "rbAmp modules are not validated above 100 kHz: set 50 kHz (on a Raspberry Pi: dtparam=i2c_arm_baudrate=50000)";
  } else if (bits_per_second > recommended_hz) {
    finding.severity = Severity::hint;
    finding.advice = "Works; 50 kHz is recommended (on a Raspberry Pi: dtparam=i2c_arm_baudrate=50000)";
  }
  return finding;
}

Finding advise_pull_ups(std::size_t modules) {
  const std::string text = std::to_string(modules) + (modules == 1 ? " module" : " modules") + " on the bus";
  if (modules <= 1) return {Severity::ok, "pull-ups", std::nullopt, text, "Keep the pull-ups of the module"};
  if (modules == 2)
    return {Severity::hint, "pull-ups", std::nullopt, text, "Keep the pull-ups on one of them and cut the other's jumper"};
  return {Severity::hint, "pull-ups", std::nullopt, text,
          "Cut the pull-ups of all of them and fit one pair near the master: " +
              std::string{modules <= 3   ? "2.7 to 3.3"
                          : modules <= 6 ? "2.2 to 2.7"
                                         : "1.5 to 2.2"} +
              " kilo-ohms"};
}

}  // namespace rbamp::commissioning
