#include "simulator/state_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

namespace rbamp::simulator {

struct StateFile::Header {
  static constexpr std::array<char, 8> expected_magic{'r', 'b', 'a', 'm', 'p', 's', 'i', 'm'};
  static constexpr std::uint32_t expected_version = 1;
  std::array<char, 8> magic = expected_magic;
  std::uint32_t version = expected_version;
  std::uint32_t modules = 0;
  std::uint32_t state_size = sizeof(ModuleState);
  std::atomic<std::uint32_t> is_complete{0};  // 1, written last: a file that was not set up to the end is none
  std::uint64_t fingerprint = 0;
  BootId::Bytes boot{};
  std::int64_t began_us = 0;
  std::int64_t began_utc_us = 0;
};

/// A state in words that are stored in order and loaded in order, so that the sequence number proves what lies between.
struct StateFile::Copy {
  static constexpr std::size_t words = sizeof(ModuleState) / sizeof(std::uint32_t);
  static_assert(sizeof(ModuleState) % sizeof(std::uint32_t) == 0);
  std::array<std::atomic<std::uint32_t>, words> word{};

  void store(const ModuleState& state) {
    std::array<std::uint32_t, words> plain{};
    std::memcpy(plain.data(), &state, sizeof state);
    for (std::size_t i = 0; i < words; ++i) word[i].store(plain[i], std::memory_order_release);
  }
  [[nodiscard]] ModuleState load() const {
    std::array<std::uint32_t, words> plain{};
    for (std::size_t i = 0; i < words; ++i) plain[i] = word[i].load(std::memory_order_acquire);
    ModuleState state;
    std::memcpy(static_cast<void*>(&state), plain.data(), sizeof state);  // trivially copyable, asserted above
    return state;
  }
};

/// The copy that counts is the one with the parity of `sequence`; 0 means that nothing was stored yet.
struct StateFile::Slot {
  std::atomic<std::uint32_t> sequence{0};
  std::array<Copy, 2> copies{};
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free, "shared between processes");

namespace {

tl::unexpected<Error> unusable(const std::string& path, const std::string& what) {
  return failure(Errc::config_invalid, Remedy::give_up, "the simulator's state file " + path + " cannot be used: " + what);
}

std::string last_error() { return std::generic_category().message(errno); }

}  // namespace

StateFile::~StateFile() { ::munmap(memory_, size_); }

StateFile::Header& StateFile::header() const { return *static_cast<Header*>(memory_); }

StateFile::Slot& StateFile::slot(std::size_t module) const {
  constexpr std::size_t alignment = alignof(Slot);
  constexpr std::size_t first = (sizeof(Header) + alignment - 1) / alignment * alignment;
  return *static_cast<Slot*>(static_cast<void*>(static_cast<char*>(memory_) + first + module * sizeof(Slot)));
}

WorldOrigin StateFile::origin() const {
  const auto& head = header();
  return {BootId{head.boot}, BootTime{Microseconds{head.began_us}}, UtcTime{Microseconds{head.began_utc_us}}, head.fingerprint};
}

bool StateFile::belongs_to(const WorldOrigin& origin, std::size_t modules) const {
  const auto& head = header();
  if (head.is_complete.load(std::memory_order_acquire) != 1) return false;
  return head.magic == Header::expected_magic && head.version == Header::expected_version && head.modules == modules &&
         head.state_size == sizeof(ModuleState) && head.fingerprint == origin.fingerprint && origin.boot.is_known() &&
         head.boot == origin.boot.bytes() && head.began_us <= origin.began.time_since_epoch().count();
}

Result<std::unique_ptr<StateFile>> StateFile::open(const std::string& path, const WorldOrigin& origin, std::size_t modules) {
  Fd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)};
  if (!fd.is_open()) return unusable(path, last_error());
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return unusable(path, last_error());
    return failure(Errc::bus_busy, Remedy::wait,
                   "another process simulates these modules (it holds the state file " + path + ")");
  }
  const std::size_t size = sizeof(Header) + alignof(Slot) + modules * sizeof(Slot);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return unusable(path, last_error());
  const bool has_size = status.st_size == static_cast<off_t>(size);
  // posix_fallocate and not ftruncate: a full disk shall be an error here, not a SIGBUS later.
  if (!has_size && ::ftruncate(fd.get(), 0) != 0) return unusable(path, last_error());
  if (const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(size)); error != 0) {
    return unusable(path, std::generic_category().message(error));
  }
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return unusable(path, last_error());
  auto file = std::unique_ptr<StateFile>{new StateFile{std::move(fd), memory, size}};
  if (has_size && file->belongs_to(origin, modules)) {
    file->is_resumed_ = true;
    return file;
  }
  auto* const head = new (memory) Header;
  for (std::size_t i = 0; i < modules; ++i) new (&file->slot(i)) Slot;
  head->modules = static_cast<std::uint32_t>(modules);
  head->fingerprint = origin.fingerprint;
  head->boot = origin.boot.bytes();
  head->began_us = origin.began.time_since_epoch().count();
  head->began_utc_us = origin.began_utc.time_since_epoch().count();
  head->is_complete.store(1, std::memory_order_release);
  return file;
}

Result<std::unique_ptr<StateFile>> StateFile::view(const std::string& path, const WorldOrigin& origin, std::size_t modules) {
  Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd.is_open()) return unusable(path, last_error());
  const std::size_t size = sizeof(Header) + alignof(Slot) + modules * sizeof(Slot);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return unusable(path, last_error());
  if (status.st_size != static_cast<off_t>(size)) return unusable(path, "it belongs to another world");
  void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return unusable(path, last_error());
  auto file = std::unique_ptr<StateFile>{new StateFile{std::move(fd), memory, size}};
  if (!file->belongs_to(origin, modules)) return unusable(path, "it belongs to another world or another boot of the host");
  file->is_resumed_ = true;
  return file;
}

std::optional<ModuleState> StateFile::load(std::size_t module) const {
  const auto& from = slot(module);
  for (;;) {
    const auto before = from.sequence.load(std::memory_order_acquire);
    if (before == 0) return std::nullopt;
    const ModuleState copy = from.copies.at(before & 1U).load();
    // The writer goes on in the other copy; ours may be overwritten as soon as that one counts.
    if (from.sequence.load(std::memory_order_relaxed) == before) return copy;
  }
}

void StateFile::store(std::size_t module, const ModuleState& state) {
  auto& to = slot(module);
  auto next = to.sequence.load(std::memory_order_relaxed) + 1;
  if (next == 0) next = 2;  // wrapped: 0 means "never", and the parity goes on
  to.copies.at(next & 1U).store(state);
  to.sequence.store(next, std::memory_order_release);
}

}  // namespace rbamp::simulator
