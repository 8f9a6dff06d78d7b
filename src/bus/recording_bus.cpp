#include "bus/recording_bus.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace rbamp::bus {
namespace {

bool write_all(const Fd& file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<RecordingSink> open_recording_file(const std::string& path, std::uint64_t max_bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) {
    const auto why = std::generic_category().message(errno);
    return failure(Errc::ledger_io, Remedy::give_up, "the recording " + path + " cannot be written: " + why);
  }
  const auto file = std::make_shared<Fd>(fd);
  return RecordingSink{[file, left = max_bytes](std::string_view line) mutable {
    if (line.size() + recording_cut_line.size() > left) {
      (void)write_all(*file, recording_cut_line);  // best effort: the recording ends either way
      return false;
    }
    left -= line.size();
    return write_all(*file, line);
  }};
}

RecordingBus::RecordingBus(std::unique_ptr<I2cBus> inner, const Clock& clock, RecordingSink sink)
    : inner_(std::move(inner)), clock_(clock), sink_(std::move(sink)), begin_(clock.boot_now()) {
  is_recording_ = sink_(header_text(inner_->describe(), inner_->capabilities()));
}

Result<void> RecordingBus::read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) {
  const BootTime start = clock_.boot_now();
  auto result = inner_->read(module, reg, into);
  Transaction transaction{
      .kind = Transaction::Kind::read, .address = module, .reg = reg, .count = into.size(), .bytes = {}, .error = {}};
  if (result) transaction.bytes.assign(into.begin(), into.end());
  note(std::move(transaction), start, result);
  return result;
}

Result<void> RecordingBus::write(I2cAddress to, std::span<const std::uint8_t> bytes) {
  const BootTime start = clock_.boot_now();
  auto result = inner_->write(to, bytes);
  note({.kind = Transaction::Kind::write, .address = to, .bytes = {bytes.begin(), bytes.end()}, .error = {}}, start, result);
  return result;
}

void RecordingBus::note(Transaction transaction, BootTime start, const Result<void>& result) {
  if (!is_recording_) return;
  transaction.start = start - begin_;
  transaction.took = clock_.boot_now() - start;
  if (!result) transaction.error = result.error();
  is_recording_ = sink_(to_text(transaction));
}

}  // namespace rbamp::bus
