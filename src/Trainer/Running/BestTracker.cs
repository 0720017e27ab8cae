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

/// <summary>The epoch whose weights are in <c>best.safetensors</c>: the highest validation top-1, on ties the lower loss.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Top1">Validation accuracy, 0 to 1.</param>
/// <param name="Top5">Share of the validation images whose class was among the best five, 0 to 1.</param>
/// <param name="Loss">Mean validation loss.</param>
public sealed record BestEpoch(int Epoch, double Top1, double Top5, double Loss);
