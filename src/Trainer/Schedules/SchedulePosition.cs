namespace IlgpuSpp.Training;

/// <summary>Where in a run a learning rate is asked for.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Update">The weight update in the epoch, from 0.</param>
/// <param name="UpdatesPerEpoch">Weight updates of an epoch, at least 1.</param>
public readonly record struct SchedulePosition(int Epoch, int Update, int UpdatesPerEpoch)
{
    /// <summary>Updates before this one, over all epochs.</summary>
    public long UpdatesBefore => (long)Epoch * UpdatesPerEpoch + Update;
}
