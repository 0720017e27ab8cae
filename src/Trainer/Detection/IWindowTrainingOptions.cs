namespace IlgpuSpp.Training;

/// <summary>The settings that training on windows has, whichever layers are trained.</summary>
internal interface IWindowTrainingOptions
{
    /// <summary>Updates of the weights.</summary>
    int Iterations { get; }

    /// <summary>Share of an update's windows that lie on an object.</summary>
    double ForegroundShare { get; }

    /// <summary>Smallest overlap of a window that counts as its object.</summary>
    double ForegroundOverlap { get; }

    /// <summary>Smallest overlap of a window that counts as background.</summary>
    double BackgroundOverlap { get; }

    /// <summary>The learning rate at first.</summary>
    double LearningRate { get; }

    /// <summary>Share of the updates after which the learning rate is divided by ten.</summary>
    double DropAfter { get; }

    /// <summary>Share of the velocity kept.</summary>
    double Momentum { get; }

    /// <summary>Weight decay.</summary>
    double WeightDecay { get; }

    /// <summary>At which scale windows are pooled.</summary>
    TrainingScale Scale { get; }
}
