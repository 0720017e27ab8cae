namespace IlgpuSpp.Training;

/// <summary>Remembers the best epoch: the highest validation top-1, on ties the lower loss, then the earlier.</summary>
internal sealed class BestTracker
{
    public BestEpoch? Best { get; set; }

    /// <summary>Takes note of an epoch.</summary>
    /// <returns>Whether it is the best so far.</returns>
    public bool Observe(BestEpoch epoch)
    {
        if (Best is not null && (epoch.Top1 < Best.Top1 || (epoch.Top1 == Best.Top1 && !(epoch.Loss < Best.Loss)))) return false;
        Best = epoch;
        return true;
    }
}
