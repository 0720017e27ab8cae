namespace IlgpuSpp.Training;

/// <summary>The training loss became NaN or infinite. What was saved before is kept.</summary>
public sealed class DivergedException : IlgpuSppException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="step">The batch in the epoch, from 1.</param>
    /// <param name="loss">The batch's mean loss.</param>
    /// <param name="learningRate">The learning rate of that step.</param>
    /// <param name="checkpoint">The last good checkpoint, or null where none was saved yet.</param>
    public DivergedException(int epoch, int step, double loss, double learningRate, string? checkpoint)
        : base(FormattableString.Invariant($"The loss became {loss} in epoch {epoch}, step {step} at learning rate {learningRate:G4}; lower the learning rate, warm it up or clip the gradient; ") +
               (checkpoint is null ? "no checkpoint had been saved yet." : $"the last good checkpoint is {checkpoint}."))
    {
        Epoch = epoch;
        Step = step;
        Loss = loss;
        LearningRate = learningRate;
        Checkpoint = checkpoint;
    }

    /// <summary>Creates the exception for training that counts updates, not epochs.</summary>
    /// <param name="update">The update, from 1.</param>
    /// <param name="loss">Its mean loss.</param>
    /// <param name="learningRate">Its learning rate.</param>
    public DivergedException(int update, double loss, double learningRate)
        : base(FormattableString.Invariant($"The loss became {loss} in update {update} at learning rate {learningRate:G4}; train with a smaller learning rate in another folder."))
    {
        Step = update;
        Loss = loss;
        LearningRate = learningRate;
    }

    /// <summary>The epoch, from 1; 0 where training counts updates.</summary>
    public int Epoch { get; }

    /// <summary>The batch in the epoch, or the update, from 1.</summary>
    public int Step { get; }

    /// <summary>The batch's mean loss: NaN or infinite.</summary>
    public double Loss { get; }

    /// <summary>The learning rate of that step.</summary>
    public double LearningRate { get; }

    /// <summary>The last good checkpoint, or null where none was saved yet.</summary>
    public string? Checkpoint { get; }
}
