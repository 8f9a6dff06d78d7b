// A name server that does not answer: Paho resolves names while it holds the mutex of all its calls.
#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "broker_world.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

namespace {

constexpr const char* slow_host = "slow.test";
std::atomic<int> lookups{0};

}  // namespace

/// Stands in front of the C library's function for the whole program; only the one name is slow.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node != nullptr && std::strcmp(node, slow_host) == 0) {
    ++lookups;
    std::this_thread::sleep_for(2s);
    return EAI_AGAIN;
  }
  return real(node, service, hints, result);
}

TEST_CASE("a name server that does not answer holds up neither the loop nor the end") {
  {
    BrokerWorld world{1883, "mqtt", slow_host};
    world.begin();
    world.until([] { return lookups > 0; });
    auto slowest = 0ms;
    for (int i = 0; i < 20; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      world.publisher->live({});
      world.run_for(10ms);
      slowest =
          std::max(slowest, std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin));
    }
    CHECK(slowest < 300ms);
    CHECK(world.stop() < 500ms);
    const auto begin = std::chrono::steady_clock::now();
    world.publisher.reset();
    world.connection.reset();
    CHECK(std::chrono::steady_clock::now() - begin < 800ms);
  }
  std::this_thread::sleep_for(3s);  // the abandoned worker ends when the name server has answered
}
