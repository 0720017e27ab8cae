namespace IlgpuSpp.AspNetCore.Tests;

public class PassQueueTests
{
    [Fact]
    public async Task Items_of_a_kind_share_passes_of_powers_of_two_and_what_is_given_up_is_not_computed()
    {
        var passes = new List<int[]>();
        using var begun = new SemaphoreSlim(0);
        using var gate = new SemaphoreSlim(0);
        using var queue = new PassQueue<int, int>("test", 4, TimeSpan.Zero, item => item / 100, items =>
        {
            begun.Release();
            gate.Wait();
            lock (passes) passes.Add([.. items]);
            return [.. items.Select(item => -item)];
        }, (_, _) => { });
        using var end = new CancellationTokenSource();
        var first = queue.Add(0);
        await begun.WaitAsync();
        // These wait while the first is in its pass.
        var others = ((int[])[1, 101, 2, 3, 4, 5, 102, 6, 7]).Select(queue.Add).ToArray();
        Task<int> givenUp = others[3].ResultAsync(end.Token);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        gate.Release(100);
        Assert.Equal(0, await first.ResultAsync(CancellationToken.None));
        foreach (var ticket in others.Where(ticket => ticket.Item != 3)) Assert.Equal(-ticket.Item, await ticket.ResultAsync(CancellationToken.None));
        Assert.Equal([[0], [1, 2, 4, 5], [101, 102], [6, 7]], passes);
    }

    [Fact]
    public async Task A_pass_that_fails_is_taken_again_item_by_item()
    {
        using var queue = new PassQueue<int, int>("test", 4, TimeSpan.FromSeconds(10), _ => 0, items => items.Contains(13) ? throw new InvalidDataException("13") : items, (_, _) => { });
        var tickets = ((int[])[11, 12, 13, 14]).Select(queue.Add).ToArray();
        foreach (var ticket in tickets.Where(ticket => ticket.Item != 13)) Assert.Equal(ticket.Item, await ticket.ResultAsync(CancellationToken.None));
        await Assert.ThrowsAsync<InvalidDataException>(() => tickets[2].ResultAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Memory_is_shared_out_in_order_and_what_is_larger_than_all_of_it_goes_alone()
    {
        var budget = new MemoryBudget(10);
        IDisposable first = await budget.TakeAsync(6, CancellationToken.None);
        using var end = new CancellationTokenSource();
        Task<IDisposable> whole = budget.TakeAsync(50, CancellationToken.None), leaver = budget.TakeAsync(3, end.Token), small = budget.TakeAsync(4, CancellationToken.None);
        Assert.Equal((6, false, false), (budget.Taken, whole.IsCompleted, small.IsCompleted));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaver);
        first.Dispose();
        first.Dispose();
        using (await whole) Assert.Equal((10, false), (budget.Taken, small.IsCompleted));
        using (await small) Assert.Equal(4, budget.Taken);
        Assert.Equal(0, budget.Taken);
    }
}
