#include "bench/allocation_count.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> all{0};
thread_local std::uint64_t of_thread = 0;

}  // namespace

// The other forms of new and delete end here, but for those with an alignment, which nothing of ours needs.
void* operator new(std::size_t size) {
  all.fetch_add(1, std::memory_order_relaxed);
  ++of_thread;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace rbamp::bench {

std::uint64_t allocation_count() { return all.load(std::memory_order_relaxed); }

std::uint64_t allocation_count_of_thread() { return of_thread; }

}  // namespace rbamp::bench
