using FedValue.Contracts.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Ledger.Storage;

public class InMemoryBlobStoreTests : BlobStoreContract
{
    protected override Task<IBlobStore> CreateAsync() => Task.FromResult<IBlobStore>(new InMemoryBlobStore());
}
