// Module states in a mapped file, so that simulated modules keep their supply while the daemon that holds them is killed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "simulator/module_state.hpp"

namespace rbamp::simulator {

/// What a state belongs to: times in it mean something only on the same host boot, and events only in the same world.
struct WorldOrigin {
  BootId boot;
  BootTime began{};
  UtcTime began_utc{};
  std::uint64_t fingerprint = 0;
};

/// Storing costs a copy into the page cache, no system call: it survives the death of the process at any instruction (two
/// copies per module and a sequence number), not that of the host, and it need not, since modules of another host boot
/// start anew. One writer, held by an advisory lock; any number of readers in other processes.
class StateFile {
 public:
  /// Opens or creates for writing. `origin` is taken from the file when that belongs to the same boot and world, otherwise
  /// the file begins anew with the given one. Errors: config_invalid when it cannot be used, bus_busy (wait) when
  /// another process holds it.
  [[nodiscard]] static Result<std::unique_ptr<StateFile>> open(const std::string& path, const WorldOrigin& origin,
                                                               std::size_t modules);
  /// Opens for reading what another process writes. Errors: config_invalid when it is missing or of another boot or world.
  [[nodiscard]] static Result<std::unique_ptr<StateFile>> view(const std::string& path, const WorldOrigin& origin,
                                                               std::size_t modules);

  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;
  ~StateFile();

  [[nodiscard]] WorldOrigin origin() const;
  /// True when open() found states to go on with.
  [[nodiscard]] bool is_resumed() const { return is_resumed_; }
  /// nullopt: never stored.
  [[nodiscard]] std::optional<ModuleState> load(std::size_t module) const;
  void store(std::size_t module, const ModuleState& state);

 private:
  struct Header;
  struct Copy;
  struct Slot;
  StateFile(Fd fd, void* memory, std::size_t size) : fd_(std::move(fd)), memory_(memory), size_(size) {}
  [[nodiscard]] Header& header() const;
  [[nodiscard]] Slot& slot(std::size_t module) const;
  [[nodiscard]] bool belongs_to(const WorldOrigin& origin, std::size_t modules) const;

  Fd fd_;
  void* memory_;
  std::size_t size_;
  bool is_resumed_ = false;
};

}  // namespace rbamp::simulator
