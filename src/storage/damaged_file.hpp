// What can still be read of a damaged ledger.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "storage/books.hpp"
#include "storage/database.hpp"
#include "storage/registry.hpp"
#include "storage/round_writer.hpp"
#include "storage/snapshot.hpp"

namespace rbamp::storage {

struct SavedTable {
  const char* name;
  const char* columns;
};

/// The damaged file is on a connection of its own: what fails there ends no transaction of the new one. Blocks for the disk.
/// Throws Failure for faults of the new file, and for a disk that is full or a file that somebody locks, which are no damage.
class DamagedFile {
 public:
  /// nullptr when it cannot be opened at all.
  [[nodiscard]] static std::unique_ptr<DamagedFile> open(const std::string& path, Connection& fresh);

  enum class Extent {
    nothing,      ///< what gives a meaning to everything else cannot be read; the new file is as empty as before
    up_to_break,  ///< registers up to the last round that can be read
    whole,        ///< registers up to the last round that was committed
  };
  /// Copies places, chips, channels and registers, and follows the closings after them.
  [[nodiscard]] Extent take_books(Registry& registry, Books& books);
  /// Anchors and intents, as far as they can be read. Only with books that are whole: an anchor says which latch was booked last.
  void take_chips(RoundWriter& writer, Books& books);
  /// Restarts, events and days refer to the books; each row stands for itself, so what can be read is worth keeping.
  void take_history();
  void take_texts();

  [[nodiscard]] std::optional<LedgerId> id();
  [[nodiscard]] std::uint16_t gc_tick();
  /// The greatest round number that can be read, or 0.
  [[nodiscard]] std::int64_t last_round();

 private:
  DamagedFile(std::unique_ptr<Connection> old, Connection& fresh) : old_(std::move(old)), fresh_(fresh) {}

  /// False when the table could not be read to its end; what was read before is in the new file.
  bool copy(const SavedTable& table);
  [[nodiscard]] bool follow_closings(Registry& registry, Books& books);

  std::unique_ptr<Connection> old_;
  Connection& fresh_;
};

}  // namespace rbamp::storage
