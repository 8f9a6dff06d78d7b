// Any text as a recording: refused with its line, or the conversation that it says, which writes itself again as it was read.
#include <cstddef>
#include <cstdint>
#include <string>

#include "bus/recording.hpp"
#include "must.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rbamp::bus;
  using rbamp::fuzz::must;
  const auto recording = parse_recording(std::string_view{reinterpret_cast<const char*>(data), size});
  if (!recording) {
    must(recording.error().detail.find("line") != std::string::npos);
    return 0;
  }
  std::string text = header_text(recording->bus, recording->capabilities);
  for (const auto& transaction : recording->transactions) text += to_text(transaction);
  const auto again = parse_recording(text);
  must(again.has_value());
  must(again->transactions.size() == recording->transactions.size());
  return 0;
}
