#include "fleet/look_reads.hpp"

#include <algorithm>

#include "fleet/module_io.hpp"

namespace rbamp::fleet {

void LookReads::begin_again() {
  taken_ = 0;
  is_waiting_ = false;
}

Result<void> LookReads::next(std::uint8_t start, std::span<std::uint8_t> into) {
  if (taken_ == known_.size()) known_.push_back({start, std::vector<std::uint8_t>(into.size()), 0, std::nullopt, {}});
  const auto& read = known_[taken_];
  if (!read.is_known()) {
    is_waiting_ = true;
    return failure(Errc::not_ready, Remedy::wait, "not read yet");
  }
  ++taken_;
  if (read.error) return failure(*read.error);
  std::ranges::copy(read.bytes, into.begin());
  return {};
}

void LookReads::fetch(BusStation& station, const BootId& boot) {
  auto& read = known_[taken_];
  const auto rest = std::span{read.bytes}.subspan(read.fetched);
  const auto piece = dialect_.bytewise ? rest.first(1) : rest;
  const auto start = static_cast<std::uint8_t>(read.start + read.fetched);
  auto done = station.read(address_, start, piece, Effort::stubborn);
  if (!done) read.error = std::move(done.error());
  read.fetched += piece.size();
  read.at = instant_now(station.clock(), boot);
}

}  // namespace rbamp::fleet
