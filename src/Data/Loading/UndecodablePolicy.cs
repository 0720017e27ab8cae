namespace IlgpuSpp.Data;

/// <summary>What a loader puts in the place of an image that cannot be decoded.</summary>
public enum UndecodablePolicy
{
    /// <summary>The next sample of the epoch's order that can be decoded: for training.</summary>
    Replace,

    /// <summary>Zeros with the label −1, which losses and accuracies ignore: for evaluation, where no sample may count twice.</summary>
    Mask,
}
