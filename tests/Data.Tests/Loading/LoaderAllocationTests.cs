namespace IlgpuSpp.Data.Tests;

/// <summary>Measures the process, so nothing may run beside it.</summary>
[CollectionDefinition(nameof(LoaderAllocationTests), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(LoaderAllocationTests))]
public sealed class LoaderAllocationTests
{
    [Fact]
    public void An_epoch_of_cached_images_allocates_next_to_nothing()
    {
        using BatchLoader loader = LoaderSets.Loader(LoaderSets.Memory(400), new LoaderOptions { BatchSize = 8, Threads = 2 });
        for (int epoch = 0; epoch < 3; epoch++) Consume(loader, epoch);

        long before = GC.GetTotalAllocatedBytes(precise: true);
        Consume(loader, 3);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        // 400 samples in 50 batches of 24 KB each: the epoch's enumerator and order stream remain.
        Assert.InRange(allocated, 0, 4096);
    }

    private static void Consume(BatchLoader loader, int epoch)
    {
        int rows = 0;
        foreach (Batch batch in loader.Epoch(epoch, 16)) rows += batch.Count;
        Assert.Equal(400, rows);
    }
}
