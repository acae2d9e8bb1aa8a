using FedValue.Contracts.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Ledger.Storage;

public class InMemoryLedgerStoreTests : LedgerStoreContract
{
    protected override Task<ILedgerStore> CreateAsync() => Task.FromResult<ILedgerStore>(new InMemoryLedgerStore());
}
