#include "commissioning/waveform.hpp"

#include <algorithm>
#include <numeric>

namespace rbamp::commissioning {

namespace reg = protocol::reg;

namespace {

constexpr std::uint16_t lowest_code = 2;  // within two steps of an end counts as clipped
constexpr std::uint16_t highest_code = 4093;
constexpr int most_looks = 10;
constexpr Microseconds look_pause = std::chrono::milliseconds{50};

Result<void> wait_for_capture(const ModuleLink& module) {
  for (int i = 0; i < most_looks; ++i) {
    const auto status = module.read<1>(reg::capture_status);
    if (!status) return failure(status.error());
    if (((*status)[0] & 1U) != 0) return {};
    module.pause(look_pause);
  }
  return failure(Errc::not_ready, Remedy::wait, module.name() + " made no capture within half a second: try again");
}

}  // namespace

Waveform waveform_of(const std::array<std::uint16_t, protocol::capture_samples>& codes) {
  Waveform wave;
  wave.codes = codes;
  const auto [lowest, highest] = std::minmax_element(codes.begin(), codes.end());
  wave.lowest = *lowest;
  wave.highest = *highest;
  wave.clipped = static_cast<unsigned>(
      std::count_if(codes.begin(), codes.end(), [](auto code) { return code <= lowest_code || code >= highest_code; }));
  wave.centre =
      static_cast<double>(std::accumulate(codes.begin(), codes.end(), std::uint32_t{0})) / static_cast<double>(codes.size());
  return wave;
}

Result<Waveform> capture(const ModuleLink& module) {
  if (auto armed = module.command(protocol::Command::capture_raw, "the capture command"); !armed) return failure(armed.error());
  if (auto ready = wait_for_capture(module); !ready) return failure(ready.error());
  std::array<std::uint16_t, protocol::capture_samples> codes{};
  for (std::uint8_t page = 0; page < protocol::capture_pages; ++page) {
    if (auto chosen = module.write(protocol::capture_page_write(page), "the page of the capture"); !chosen)
      return failure(chosen.error());
    // Never byte by byte: only a read that starts at the window's first register sees it.
    protocol::reg::Address window = reg::capture_window;
    std::array<std::uint8_t, reg::capture_window_size> bytes{};
    if (auto read = module.bus().read(module.address(), window, bytes, fleet::Effort::stubborn); !read)
      return failure(read.error());
    const auto samples = protocol::decode_capture_page(bytes);
    std::copy(samples.begin(), samples.end(), codes.begin() + page * static_cast<std::ptrdiff_t>(samples.size()));
  }
  return waveform_of(codes);
}

}  // namespace rbamp::commissioning
