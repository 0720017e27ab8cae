namespace IlgpuSpp.Cli.Training;

/// <summary>What <c>train</c> uses where the command line is silent.</summary>
internal static class TrainDefaults
{
    /// <summary>Epochs on a user's images.</summary>
    public const int Epochs = 40;

    /// <summary>Epochs on the shapes data set: enough for 90 % within minutes on two cores.</summary>
    public const int ShapesEpochs = 8;

    /// <summary>Epochs of a new head. On ten classes of photographs and ImageNet's features more changed nothing.</summary>
    public const int HeadEpochs = 2;

    /// <summary>Epochs on fixed views, which cost nothing once their features are there: the loss of held-out photographs falls up to here.</summary>
    public const int FixedViewEpochs = 5;

    /// <summary>Fixed views of an image that a head alone learns from. The second gains 0.3 points from five images a class, and nothing from seventy (docs/results.md).</summary>
    public const int FixedViews = 2;

    /// <summary>Images a step of such a head.</summary>
    public const int HeadBatch = 16;

    /// <summary>Parts of a batch that processes share: as many processes as this can take part.</summary>
    public const int Shards = 8;

    /// <summary>Threads that decode images where several processes share a machine: as many as one process alone would take, divided.</summary>
    public static int LoaderThreads(int processes) => Math.Max(1, Environment.ProcessorCount / 2 / processes);

    /// <summary>The paper's learning rate.</summary>
    public const double LearningRate = 0.01;

    /// <summary>spp-small has batch normalisation and takes a larger one.</summary>
    public const double SmallLearningRate = 0.02;

    /// <summary>Share of the usual learning rate that fine-tuning starts with, so that it does not undo what the model knows.</summary>
    public const double FineTuningShare = 0.1;

    /// <summary>The same for spp-small, whose batch normalisation keeps larger steps from harm: on five other classes a tenth learnt slower than half, by 6 to 10 points after 5 epochs.</summary>
    public const double SmallFineTuningShare = 0.5;
}
