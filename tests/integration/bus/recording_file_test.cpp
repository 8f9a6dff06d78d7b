// Recordings in real files.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bus/recording_bus.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::bus;

namespace {

class ScratchFolder {
 public:
  ScratchFolder() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(std::string_view name) const { return path_ + "/" + std::string{name}; }

 private:
  std::string path_ = "/tmp/rbampd-recording-XXXXXX";
};

class Silent final : public I2cBus {
 public:
  Result<void> read(I2cAddress, std::uint8_t, std::span<std::uint8_t>) override { return {}; }
  Result<void> write(I2cAddress, std::span<const std::uint8_t>) override { return {}; }
  Capabilities capabilities() const override { return {}; }
  std::string describe() const override { return "silent"; }
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("each transaction is in the file as soon as it happened") {
  const ScratchFolder folder;
  const auto path = folder.file("bus.txt");
  ManualClock clock;
  auto sink = open_recording_file(path);
  REQUIRE(sink);
  RecordingBus bus{std::make_unique<Silent>(), clock, std::move(*sink)};
  std::array<std::uint8_t, 2> bytes{};
  REQUIRE(bus.read(I2cAddress{0x50}, 0x59, bytes));
  const auto recording = parse_recording(content(path));
  REQUIRE(recording);
  CHECK(recording->bus == "silent");
  CHECK(recording->transactions.size() == 1);

  struct stat file {};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0007U) == 0);  // nobody else's business
}

TEST_CASE("a forgotten recording stops at its limit, is readable, and says that it was cut") {
  const ScratchFolder folder;
  const auto path = folder.file("bus.txt");
  ManualClock clock;
  auto sink = open_recording_file(path, 1000);
  REQUIRE(sink);
  RecordingBus bus{std::make_unique<Silent>(), clock, std::move(*sink)};
  std::array<std::uint8_t, 2> bytes{};
  for (int i = 0; i < 1000; ++i) REQUIRE(bus.read(I2cAddress{0x50}, 0x59, bytes));
  CHECK_FALSE(bus.is_recording());
  CHECK(std::filesystem::file_size(path) <= 1000);
  const auto recording = parse_recording(content(path));
  REQUIRE(recording);
  CHECK(recording->is_cut);
  CHECK(recording->transactions.size() > 20);
}

TEST_CASE("a recording that cannot be written says why") {
  const auto sink = open_recording_file("/nonexistent/bus.txt");
  REQUIRE_FALSE(sink);
  CHECK(sink.error().detail.find("/nonexistent/bus.txt") != std::string::npos);
  CHECK(sink.error().detail.find("No such file") != std::string::npos);
}

TEST_CASE("a full disk ends the recording, not the bus") {
  ManualClock clock;
  auto sink = open_recording_file("/dev/full");
  REQUIRE(sink);
  RecordingBus bus{std::make_unique<Silent>(), clock, std::move(*sink)};
  CHECK_FALSE(bus.is_recording());
  std::array<std::uint8_t, 2> bytes{};
  CHECK(bus.read(I2cAddress{0x50}, 0x59, bytes));
}
