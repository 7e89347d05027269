namespace VZaps.Client.Http;

/// <summary>A body that may take long, and tells how it goes on.</summary>
internal interface IUploadContent
{
    /// <summary>Called after each piece of it that went out.</summary>
    Action? Progressed { set; }
}
