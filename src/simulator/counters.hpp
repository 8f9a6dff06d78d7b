// How often things happened: traffic of a bus or a module, and what a module was asked to do.
#pragma once

#include <array>
#include <cstdint>

namespace rbamp::simulator {

struct Traffic {
  std::uint64_t transactions = 0;
  std::uint64_t failed = 0;      ///< of these, reported as failed
  std::uint64_t data_bytes = 0;  ///< register bytes read, or bytes written after the address
  std::uint64_t bits = 0;        ///< on the wire, with start, addresses, acknowledges and stop; protocol 3.3
  std::uint64_t short_gaps = 0;  ///< begun less than 100 µs after the previous one
};

struct ModuleCounters {
  std::array<std::uint32_t, 256> register_writes{};  ///< first data bytes that reached the module, by register
  std::array<std::uint32_t, 256> commands{};         ///< by opcode
  std::uint64_t latches_requested = 0;               ///< direct and broadcast, accepted or not
  std::uint64_t latches_executed = 0;                ///< gave a snapshot
  std::uint64_t latches_empty = 0;
  std::uint64_t broadcasts_ignored = 0;  ///< frames on the bus that this module did not take
};

}  // namespace rbamp::simulator
