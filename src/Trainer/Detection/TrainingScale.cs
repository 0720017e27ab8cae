namespace IlgpuSpp.Training;

/// <summary>The scale at which a window is pooled while the network learns. Detection always takes the best.</summary>
public enum TrainingScale
{
    /// <summary>One drawn at random among the scales, so that objects are seen smaller and larger than at their best scale.</summary>
    Random,

    /// <summary>The one at which the window's area comes closest to the network's crop, as in detection.</summary>
    Best,
}
